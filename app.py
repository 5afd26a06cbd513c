"""Opens the lab in the browser, from a checkout: `python app.py`; where it is installed, `prompt-lab` does so."""

import sys

from lab.cli.main import main

if __name__ == "__main__":
    sys.exit(main(["page", *sys.argv[1:]]))
