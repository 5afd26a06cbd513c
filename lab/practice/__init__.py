"""The practice model: a simulated model that needs no key, no network and no download.

It is a set of rules behind OpenAI's chat completions protocol, always labelled as simulated. As target
model it answers reviews and support tickets by real, rule-based skills, on unseen inputs too; which skills
are on is decided by what the instruction says. As optimizer model it criticises, edits and rewords
instructions, knowing only the text that it is sent. The same text, seed and temperature give the same
reply in every process.

    reading    what an instruction asks for: the kind of task, the skills it switches on, what harms
    sentiment  judging a review           triage  sorting a support ticket
    target     answering as target model  optimizer  answering as optimizer model
    metaprompt what a meta-prompt asks for and shows
    app        the protocol               explain  why it answered as it did
"""
