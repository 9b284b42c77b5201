"""Many runs at once: put together, watched, compared."""

import streamlit as st

from aejax.ui import session, sweep_form, sweeps

st.title("Sweep")
st.write("Train many models that differ in a few settings, and see what each setting is worth.")
if failure := session.failure():
    st.error(failure, icon=":material/error:")

chosen = sweeps.choose()
sweep_form.show(session.choices(), is_open=chosen is None)
if chosen is None:
    st.info("There is no sweep yet: choose its axes above, and start it.", icon=":material/add_chart:")
    st.stop()
sweeps.show(chosen)
