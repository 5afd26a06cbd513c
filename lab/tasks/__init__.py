"""Tasks: examples of a person's own or bundled ones, how they are split, and how answers are judged.

loaders     a task of a file, with what was kept, what was dropped, and why
formats/    CSV, TSV, JSON and JSONL as one table
table       that table
columns     which column is the input and which the answer
labels      whether answers are classes
names       what such columns are called
metrics     how an answer is judged
splits      train, dev and test
statistics  how far a score may be off
bundled/    six tasks that need no file
"""
