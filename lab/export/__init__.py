"""What a person takes along of a run: values in, text out. Formats are pure; `take` and `answered` read a book.

taken     the prompt, its task and how it came about, as one value
formats   the table of formats; one file each
judging   the lab's own way to ask, read and judge, as Python that stands alone
source    how that is cut out of the lab's modules
answers   examples with answers and scores, as CSV, JSON or Parquet
menu      the formats as a menu of both faces
writing   where text becomes a file
"""

from lab.export.formats import FORMATS, Format, export, named, of_path
from lab.export.taken import Taken, take

__all__ = ["FORMATS", "Format", "Taken", "export", "named", "of_path", "take"]
