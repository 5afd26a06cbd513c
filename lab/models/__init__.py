"""Models: where they answer, what they can do, and how asks become calls.

connect       naming a model and its key from a script
roles         which model has which role, how it is asked, and what all may spend
endpoint      where a model answers; keys whose key goes where
connections   what a process knows of its endpoints: keys, pace, findings
client        the one way to a model; transport, wire, pace, tries and failures are its parts
calls         one call and its answer as values, and what it cost
perform       an ask performed: the seam between the pure lab and the models; plan makes calls, budget bounds them
capabilities  what an endpoint can do; probe finds it out, discovery finds servers
likelihood    how likely a model finds a given answer; logprobs reads its tokens
status        the models of a branch as a person may see them
"""
