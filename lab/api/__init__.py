"""The Python that people type: `import lab`, and what it offers.

begin     a run: begun, found again by its name, or run to its end
run       the run: go on, decide, move about, look
step      what waits for a verdict, and the marks on its items
analysis  where a prompt errs
compare   prompts on the same examples
diff      what changed between two places of a run
judging   the judge of a run, and what it is worth
task      the task as Python shows it
values    a score with its interval
frames    what a run knows, as DataFrames
door      what people type, as the lab takes it
progress  a bar for whoever waits
"""
