"""What the lab is about, as pure values: tasks, asks, proposals and verdicts, the tree, and its JSON.

task         examples in three splits, a start prompt, how an answer is judged
layout       how a prompt and an input become messages
asks         what an optimizer knows, asks for and is told
constraints  what a person wants to last
review       between a proposal and what the optimizer is told
handover     what one optimizer leaves to another
flagging     an example whose label is wrong, out of what an optimizer holds
codec        values as JSON and back, and the ids made of it
history      the tree of all that was done
arguments    what people type in Python, checked in one sentence
"""
