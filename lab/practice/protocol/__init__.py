"""The practice model behind the OpenAI protocol: pure functions from request to reply, and an ASGI app around them.

    checks       what a request may say, and how it is refused
    tokens       a rough tokenizer that loses nothing
    likelihood   how likely each token of a text is to this model
    choices      drawing replies, cutting them, counting them
    chat         POST /v1/chat/completions      completions  POST /v1/completions
    app          routes, errors, streams        faults       the same app on a bad day

Replies are equal for equal requests, down to their ids; `created` is therefore 0 and tells no time.
"""
