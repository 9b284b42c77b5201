import streamlit as st

from aejax.settings import SpecError
from aejax.stories import STORIES
from aejax.ui import stories

try:
    name = stories.asked()
except SpecError as error:
    st.title("Stories")
    stories.refuse(error)
    st.stop()

if name is None:
    st.title("Stories")
    stories.shelf()
else:
    st.title(STORIES[name].title)
    stories.tell(name)
