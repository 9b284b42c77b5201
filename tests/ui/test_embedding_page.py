"""The Embedding page shows the codes of any model on any data, and the examples behind a selection."""

import json

import numpy as np
import pytest
from conftest_ui import CASES, Visit, charts_of, texts, trained
from streamlit.util import ReadOnlyAttributeDictionary

from aejax.ui import embedding
