"""Benchmarks: what the lab claims, measured anew. `python -m lab bench NAME --json`.

direct      runs an optimizer with the practice model below the client, and counts calls
person      a scripted person who reads what the page shows
tables      what they share: all cores, Markdown
practice    the practice model: prompts, optimizers, the person, transfer, paraphrases, speed, real files
optimizers  each optimizer on the task that suits it
book        a long run in a lab book: reading a state, drawing its page, their size
client      the way to a model: time over the ideal, CPU, the cache, a step, memory
page        how soon the page shows what is asked for, in a browser; how many people it serves at once
servers     the servers that a client is measured against
"""
