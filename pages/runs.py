"""All trainings of this server: find, name, compare and open them, stop them, take them up again, delete them."""

import streamlit as st

from aejax.ui import runs

st.title("Runs")
st.write("Every training goes on to its end whether anyone looks or not. Open one to see it, from any browser.")
runs.show()
