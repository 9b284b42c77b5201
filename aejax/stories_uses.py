"""Stories of what a trained model is good for."""

from aejax import story_points as points
from aejax.story import RUN, Point, Question, Step, Story, Training

_DIGITS = "mnist-sample"

USES: dict[str, Story] = {
    "strangers": Story(
        title="A model of digits looks at clothes",
        question="Does a model notice that it sees something new?",
        data=_DIGITS,
        trainings=(Training("Model of digits", "simple", ("train.epochs=6",)),),
        steps=(
            Step(
                "What it knows",
                "A model with a code of 32 numbers learns ten thousand digits, and nothing else.",
                "examples",
            ),
            Step(
                "Shirts and shoes",
                "Then it is shown shirts and shoes. It cannot say *I do not know this*; it can only rebuild. Take one "
                "digit and one piece of clothing: which is rebuilt worse?",
                RUN,
                Question(
                    "How often will it be the clothing?",
                    ("about half the time, up to 70 %", "70 to 90 %", "more than 90 % of the time"),
                    (0.7, 0.9),
                ),
            ),
            Step(
                "What it makes of them",
                "It rebuilds clothes from strokes, for strokes are all that it has. The error gives them away.",
                "strangers",
            ),
        ),
        point=Point(
            points.strangers_told,
            "Pairs in which the clothing is rebuilt worse",
            "share of pairs (AUROC)",
            "{:.0%}",
            "at least",
            0.9,
            "In {value} of all pairs the clothing is rebuilt worse than the digit, so that the error tells strangers.",
        ),
        seconds=10,
    ),
    "use": Story(
        title="The code instead of the features",
        question="Can 32 numbers stand in for 784 pixels?",
        data=_DIGITS,
        trainings=(Training("Autoencoder", "map", ("spec.latent=32", "train.epochs=5")),),
        steps=(
            Step(
                "A simple classifier",
                "A logistic regression tells digits from numbers by straight lines. It learns from 4,000 labelled "
                "digits. It can be given the 784 pixels, or the 32 numbers of a code that was learnt without "
                "any label.",
                "examples",
            ),
            Step(
                "32 against 784",
                "The code is less than a twentieth of the numbers, and no label went into it.",
                RUN,
                Question(
                    "How will the accuracy on held-out digits change, in points of a hundred?",
                    ("worse by more than 2 points", "within 2 points", "better by more than 2 points"),
                    (-0.02, 0.02),
                ),
            ),
            Step(
                "Side by side",
                "The pixels, as many principal components, and the code. Fewer numbers leave less to learn by heart, "
                "which is why the smaller table need not be the worse one.",
                "bars",
            ),
        ),
        point=Point(
            points.accuracy_kept,
            "Accuracy with the code above that with the pixels",
            "share of held-out digits",
            "{:+.1%}",
            "at least",
            -0.01,
            "With 32 numbers of code the accuracy differs by {value} from that with all 784 pixels.",
            bars_title="Accuracy of a logistic regression",
        ),
        seconds=9,
    ),
}
