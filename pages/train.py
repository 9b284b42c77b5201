"""Train a model and watch its code form."""

import streamlit as st

from aejax.ui import findings, live, monitor, session, transport, tuning

choices = session.choices()
live.prepare()

st.title("Train")
st.write("Play, and watch the code of each held-out example find its place while the model learns to rebuild it.")

current = session.standing()
transport.show()
for problem in choices.problems:
    st.warning(f"Training cannot start: {problem}.", icon=":material/block:")
if failure := session.failure():
    st.error(failure, icon=":material/error:")

if current is not None:
    if current.active:
        tuning.show(current)
    else:
        monitor.conclude(current, choices)
        if (result := session.result()) is not None and not session.failure():
            findings.show(result, "train")
    monitor.watch(current)
    monitor.offer_more(current, choices)
elif choices.data is not None:
    monitor.preview(choices.data)
monitor.describe(choices)
