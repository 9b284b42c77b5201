"""Train a model and watch its code form."""

import streamlit as st

from aejax.ui import live, monitor, session

choices = session.choices()
live.prepare()

st.title("Train")
st.write("Start, and watch the code of each held-out example find its place while the model learns to rebuild it.")

buttons = st.container(horizontal=True, vertical_alignment="center")
begin = buttons.button(
    "Train anew" if session.training() else "Start training",
    key="train-start",
    type="primary",
    icon=":material/play_arrow:",
    disabled=bool(choices.problems),
)
if begin and choices.data is not None:
    session.start(choices.data_name, choices.data, choices.spec, choices.train)
if session.training():
    buttons.button("Stop", key="train-stop", icon=":material/stop:", on_click=session.stop)
    buttons.caption("Training pauses while you are on another page, and goes on when you come back.")

for problem in choices.problems:
    st.warning(f"Training cannot start: {problem}.", icon=":material/block:")
if failure := session.failure():
    st.error(failure, icon=":material/error:")

result = session.result()
if result is not None and not session.training():
    monitor.conclude(result, choices)
if result is not None or session.training():
    monitor.watch()
elif choices.data is not None:
    monitor.preview(choices.data)
monitor.describe(choices)
