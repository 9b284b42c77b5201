"""What a model has made of its parts: the coordinates in use, the features chosen, what its units look for."""

import numpy as np
import streamlit as st

from aejax.activity import Activity
from aejax.arrays import as_values
from aejax.parts.bottlenecks import Select
from aejax.parts.networks import Dense, Linear
from aejax.run import some_rows
from aejax.selection import selected
from aejax.ui import findings, images, receptive_fields, selection
from aejax.ui.session import Result

_EXAMPLES = 2000


def show(result: Result) -> None:
    """Tell of the code's coordinates, and on demand draw what is behind them."""
    run, data = result.run, result.data
    labels = None if data.y_test is None else data.y_test[:_EXAMPLES]
    found = run.activity(data.x_test[:_EXAMPLES], run.spec.told(labels))
    st.caption(told(found))
    findings.show(result, "inside")
    if isinstance(run.spec.bottleneck, Select):
        with st.expander("The features chosen", icon=":material/check_box:", key="inside-selection"):
            mean = as_values(some_rows(data.x_train)).mean(axis=0, dtype=np.float64).astype(np.float32)
            names = [column.name for column in data.columns] or None
            selection.show(selected(run, names), mean)
    if isinstance(run.spec.encoder, Dense | Linear) and images.are_pictures(data):
        with st.expander("What the units look for", icon=":material/blur_on:", key="inside-fields"):
            receptive_fields.show(run, pictures=True)


def told(found: Activity) -> str:
    """What the coordinates do, in a sentence."""
    parts = [f"{found.active} of {found.latent} coordinates vary", f"{found.nonzero:.3g} are not zero on average"]
    if found.dead:
        parts.append(f"{found.dead:.0%} are dead")
    if found.hoyer is not None:
        parts.append(f"Hoyer sparsity {found.hoyer:.2f} (0: all alike, 1: a single one on)")
    if found.divergence is not None:
        parts.append(f"{found.divergence.sum():.3g} nats from the prior")
    if found.words is not None:
        parts.append(f"{found.words} codewords in use")
    return f"Of {_EXAMPLES:,} held-out examples at most: {', '.join(parts)}."
