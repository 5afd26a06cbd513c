"""Words by which people, companies and their posts are told apart: first names, and what companies are called."""

from __future__ import annotations

import re

__all__ = ["FIRM", "FIRST", "JOB", "MONTHS", "ORDINARY", "PARTICLES", "PLACE", "POST", "TITLES"]

# First names of many countries, without accents.
_FIRST_NAMES = """
Aaron Abdul Abigail Ada Adam Adrian Agnes Ahmed Aisha Alan Albert Alex Alexander Alfie Ali Alice Alicia Alina
Amanda Amara Amelia Amina Amir Amy Ana Anders Andre Andrea Andrew Angela Angus Anita Anja Anna Anne Annie Anthony
Anton Antonio Arjun Arthur Asha Astrid Audrey Aylin Barbara Beatrice Beatriz Ben Benjamin Bernard Bethany Bianca
Bilal Bjorn Bogdan Boris Brenda Brian Bridget Bruno Callum Camille Carl Carla Carlos Carmen Caroline Catherine
Cecilia Cedric Chantal Charles Charlie Charlotte Chen Chiara Chinua Chloe Chris Christian Christina Claire Clara
Clemens Colin Connor Cora Craig Cynthia Daisy Dalia Daniel Daniela Daphne Darren David Dawn Deborah Declan Deepa
Denise Dennis Derek Diana Diego Dieter Dimitri Dmitri Dominic Donna Dora Doris Dorothy Duncan Dylan Edgar Edith
Eduardo Edward Eileen Elena Elias Elif Elisa Elizabeth Ella Ellen Elliot Elsa Emeka Emil Emily Emma Enzo Eric Erik
Erin Ernest Esme Esther Ethan Eva Eve Evelyn Ewan Fabian Farah Fatima Felix Fernando Finn Fiona Flora Florian
Frances Francesca Francis Frank Fraser Fred Freya Gabriel Gareth Gary Gemma Geoffrey George Georgia Gerald Gillian
Giulia Gloria Gordon Grace Graham Greta Guido Gustav Hamid Hanna Hannah Hans Harold Harriet Harry Hassan Heather
Heidi Heinrich Helen Helena Helga Henrik Henry Hilda Holly Howard Hugh Hugo Ian Ibrahim Ida Idris Imogen Ines
Ingrid Irene Irina Iris Isaac Isabel Isla Ivan Ivy Jack Jacob Jade Jakob James Jamie Jan Jane Janet Janine Jasmine
Jason Javier Jean Jennifer Jenny Jerome Jessica Jill Jim Joan Joanna Joe Joel Johan Johanna John Jonas Jonathan
Jorge Jose Josef Joseph Josh Joshua Joyce Juan Judith Judy Julia Julian Juliet June Justin Kamal Karen Karim Karin
Karl Kate Katherine Kathleen Katie Katrin Kavya Kay Keiko Keith Kelly Kemal Ken Kenji Kenneth Kevin Khalid Kieran
Kim Kirsten Klara Klaus Kofi Kristina Kwame Kyle Lara Lars Laura Lauren Lea Leah Leila Lena Leo Leon Leonard
Leonie Leslie Lewis Liam Lidia Lila Lilian Lily Linda Lisa Liz Louis Louise Luca Lucas Lucia Lucy Luis Luisa Lukas
Luke Lydia Lynn Mae Magda Maggie Malik Manuel Marc Marcel Marco Marcus Margaret Maria Marie Marina Mario Marion
Mark Marlene Marta Martha Martin Martina Mary Mateo Matthew Maureen Max Maya Megan Mehmet Mei Melanie Melissa Mia
Michael Michelle Miguel Mina Miriam Mohamed Mohammed Moira Molly Monica Morag Morgan Moses Murray Mustafa Nadia
Nadine Nancy Naomi Natalie Natasha Nathan Neil Nicholas Nick Nicola Nicole Nigel Nikolai Nils Nina Noah Noel Noor
Nora Nuala Oisin Olaf Olga Oliver Olivia Omar Orla Oscar Otto Owen Pablo Pamela Patricia Patrick Paul Paula
Pauline Pavel Pedro Penelope Penny Percy Peter Petra Philip Phoebe Pierre Piotr Polly Priya Rachel Rafael Raj
Rajesh Ralph Ramon Rania Raoul Rashid Raymond Rebecca Reggie Renate Renee Ricardo Richard Rita Robert Roberto
Robin Roger Roland Ronald Rory Rosa Rosalind Rose Rosie Rowena Roy Rudi Rupert Russell Ruth Ryan Sabine Said Sally
Sam Samantha Samir Samuel Sandra Sanjay Sara Sarah Saskia Scott Sean Sebastian Selim Selma Serena Sergio Shanti
Sharon Sheila Shirin Silvia Simon Simone Siobhan Sofia Sonia Sophia Sophie Stefan Stella Stephan Stephanie Stephen
Steve Steven Stuart Sue Sunita Susan Sven Sylvia Tamara Tamsin Tanya Tara Tariq Teresa Terry Tessa Thandi Theo
Theresa Thomas Tim Timothy Tina Toby Tom Tomas Tony Tracey Trevor Tyler Ulrike Una Ursula Uwe Valentina Valerie
Vanessa Vera Veronica Vicky Victor Victoria Vijay Viktor Vincent Viola Vivian Vladimir Walter Wanda Wei Wendy
Wilfred Will William Wolfgang Xavier Yasmin Yolanda Yuki Yusuf Yvonne Zachary Zahra Zara Zelda Zoe
"""
# A run of capitalised words with one of these is a company, whatever stands around it.
FIRM = re.compile(
    r"^(?:ltd|limited|inc|llc|plc|gmbh|ag|corp|corporation|co|company|group|holdings?|partners?|sons?|daughters?"
    r"|brothers|bros|associates|studios?|labs?|works|foods?|bakery|bakers|brewery|brewing|logistics|shipping|travels?"
    r"|tours|design|designs|energy|press|publishing|books|bookshop|media|music|records|legal|law|solicitors"
    r"|architects|architecture|catering|lighting|software|systems|technolog(?:y|ies)|tech|digital|analytics|data"
    r"|consulting|consultants|solutions|services|security|insurance|finance|capital|bank|health|care|clinic|dental"
    r"|dentists|pharmacy|hospital|veterinary|practice|optics|opticians|motors|cars|garage|cycles|bikes|boats|marine"
    r"|tools|hardware|joinery|carpentry|builders?|building|construction|roofing|plumbing|heating|electrics"
    r"|electronics|electric|glass|ceramics|pottery|textiles|fabrics|wool|mill|mills|farm|farms|dairy|nursery|gardens"
    r"|gardening|florists?|flowers|homes|properties|estates|lettings|removals|cleaning|laundry|hotels?|inn|cafe|café"
    r"|coffee|roasters|tea|kitchen|restaurant|gallery|theatre|museum|school|college|university|academy|institute"
    r"|trust|foundation|charity|association|society|union|council|club|sports|outdoor|fitness|shop|store|stores"
    r"|market|markets|printers|printing|prints?|paper|photography|films|pictures|productions|events|agency"
    r"|recruitment|ventures|industries|engineering|robotics|networks|telecom|water|power|solar|wines|vineyard"
    r"|cheese|chocolates?|toys|games|furniture|interiors|jewellers|tailors|shoes|airlines|airways|freight|couriers)$"
)
JOB = re.compile(
    r"\b(?:head|manager|director|lead|leader|engineer|officer|assistant|service|sales|chair(?:man|woman|person)?"
    r"|secretary|treasurer|coordinator|organiser|editor|owner|founder|ceo|cto|cfo|president|consultant|accountant"
    r"|architect|developer|designer|analyst|teacher|nurse|doctor|partner at|adviser|advisor|administrator"
    r"|receptionist|caretaker|buyer|clerk|supervisor|specialist|technician|agent|producer|curator|librarian"
    r"|support|marketing|accounts|department|team|office|team|reception|desk)\b"
)
# The department that a post is of.
POST = re.compile(r"\b(?:head|manager|department|team|office|director|chair|lead) (?:of|for) (?:the )?$")
# Capitalised without being anybody's name.
_ORDINARY_WORDS = """
a about after afternoons all also an and any are as ask at attn backup because been best bookings business but by
call calls card cc cell cheers chef closed complaints contact contacts copy could date dear december deliveries
details did do does due e-mail east email emails emergency enquiries evenings every fax february find for found
friday from give good great greetings happy have he hello her hi his how i if in invoice is it january july kind
let lost love madam mail main many march meet meeting message miss mobile monday mornings most mr mrs ms my name
new no north note november number october of office on one open or order our p.s page phone place please press ps
questions re reach reception regards remember reply ring room sales saturday say see send september she should
since sincerely sir so south speak subject sunday support talk tel telephone text thank thanks that the their then
there these they this those thursday tickets to today tomorrow tuesday two until very visit we wednesday welcome
west what when where which while who whoever will wishes with would write yes yesterday you your yours
"""
# Streets, towns and the like.
PLACE = re.compile(
    r"\b(?:street|road|avenue|lane|square|hall|church|station|bridge|town|city|village|county|floor|building|house|fair|festival"
    r"|library|airport|london|leeds|manchester|birmingham|edinburgh|glasgow|bristol|york|paris|berlin|madrid"
    r"|rome|dublin|vienna|boston|chicago|england|scotland|wales|ireland|germany|france|spain|italy|europe|english"
    r"|german|french|spanish|italian|christmas|easter)\b"
)
PARTICLES = frozenset(
    ("van", "der", "den", "de", "da", "di", "du", "la", "le", "el", "al", "bin", "von", "zu", "dos", "del", "ten")
)
# Also first names; alone they are months.
MONTHS = frozenset(("April", "May", "June", "August"))
TITLES = frozenset(("dr", "mr", "mrs", "ms", "prof"))
FIRST = frozenset(_FIRST_NAMES.split())
ORDINARY = frozenset(_ORDINARY_WORDS.split()) | TITLES
