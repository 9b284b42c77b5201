"""Stories of what can go wrong with a model, and of what was done about it."""

from aejax import story_points as points
from aejax.story import RUN, Point, Question, Step, Story, Training

_DIGITS = "mnist-sample"
_SMALL_HINTON = (
    "spec.encoder.widths=256,64",
    "train.epochs=3",
    "train.optimizer=sgd",
    "train.learning_rate=0.01",
)

LIMITS: dict[str, Story] = {
    "holes": Story(
        title="Holes in the latent space",
        question="Is there an image at every place between the codes?",
        data=_DIGITS,
        trainings=(
            Training("Plain", "map", ("train.epochs=5",)),
            Training(
                "Variational",
                "variational",
                (
                    "spec.encoder.widths=256,128,64",
                    "spec.encoder.activation=silu",
                    "train.epochs=5",
                    "train.learning_rate=0.005",
                    "train.schedule=cosine",
                    "spec.bottleneck.beta=4",
                ),
            ),
        ),
        steps=(
            Step(
                "Between the codes",
                "Take a place on the map where no image lies, and decode it. A plain autoencoder has never been asked "
                "what is there. A variational one puts each code a little beside its place, anew at every look, and "
                "draws all of them towards one round cloud (here at four times the usual price, beta 4), so that its "
                "decoder has practised nearly everywhere.",
                "examples",
            ),
            Step(
                "Counting holes",
                "A place is in a hole if the nearest place where the decoder has practised is farther off than for 99 "
                "in 100 held-out digits. Both maps are searched on a grid.",
                RUN,
                Question(
                    "How much of the variational map will be holes, beside the plain one?",
                    ("at most half as much", "more than half as much", "more than in the plain one"),
                    (0.5, 1.0),
                ),
            ),
            Step(
                "Two maps",
                "The codes of held-out digits: arms with empty space between them from the plain model, a cloud drawn "
                "together from the variational one. Codes are drawn here without the noise that the model puts on "
                "them, which closes the thin places.",
                "both maps",
            ),
            Step(
                "Every place decoded",
                "What each decoder makes of a grid over its map. What stands in a hole nobody has asked for; often it "
                "is no digit at all. The price of the round cloud is blur.",
                "manifold",
            ),
        ),
        point=Point(
            points.holes_between,
            "Holes in the variational map, beside the plain one",
            "share of the plain map's holes",
            "{:.1%}",
            "at most",
            0.5,
            "Of the places between the codes {0} are in a hole in the plain map, {1} in the variational one.",
            bars_title="Places between the codes that are in a hole",
            bars_unit="share of the places",
        ),
        seconds=18,
    ),
    "collapse": Story(
        title="Posterior collapse",
        question="What if saying something costs more than it brings?",
        data=_DIGITS,
        trainings=(
            Training("Low price", "variational-20", ("train.epochs=4",)),
            Training("High price", "variational-20", ("spec.bottleneck.beta=30", "train.epochs=4")),
        ),
        steps=(
            Step(
                "The price of a number",
                "A variational autoencoder pays for what its code says: the divergence of each coordinate from the "
                "prior, times beta. Two models with 20 coordinates: beta 1, as it is derived, and beta 30.",
                "examples",
            ),
            Step(
                "Who keeps silent?",
                "A coordinate that has the same distribution for every image says nothing: it is idle.",
                RUN,
                Question(
                    "How many of the 20 coordinates will be idle at the high price?",
                    ("at most 5", "6 to 15", "more than 15"),
                    (5.0, 15.0),
                ),
            ),
            Step(
                "Coordinate by coordinate",
                "What each coordinate says of an image, in nats. At the high price none is worth its cost.",
                "divergences",
            ),
            Step(
                "What is left",
                "With nothing in its code the decoder writes the same for every image: the mean digit. Its loss has "
                "fallen all the same, so that the curve alone does not tell. Lower beta, a warm-up or free bits "
                "help.",
                "reconstructions",
            ),
        ),
        point=Point(
            points.idle_units,
            "Idle coordinates at the high price",
            "coordinates of 20",
            "{:.0f}",
            "at least",
            16.0,
            "At the high price {value} of the 20 coordinates are idle, at the low one {0}.",
        ),
        seconds=13,
    ),
    "pretraining": Story(
        title="Pretraining, and why it mattered",
        question="Why was a deep autoencoder thought to be untrainable?",
        data=_DIGITS,
        trainings=(
            Training(
                "Pretrained",
                "hinton-2006",
                ('train.pretraining={"kind":"rbm","epochs":2}', *_SMALL_HINTON),
            ),
            Training("Fresh weights", "hinton-2006", (*_SMALL_HINTON, "train.pretraining=none")),
        ),
        steps=(
            Step(
                "As it was before 2006",
                "Three layers down to 30 numbers, sigmoid units, plain gradient descent: the tools of the time. In so "
                "deep a network of sigmoids hardly anything of the error arrives at the first layers.",
                "examples",
            ),
            Step(
                "One layer after the other",
                "Hinton and Salakhutdinov first taught each layer by itself, as a small machine that models what "
                "it sees, and only then trained all of them together. Both models here get the same three "
                "passes over the data; one of them begins with pretrained layers.",
                RUN,
                Question(
                    "How large will the pretrained model's error be, beside that of fresh weights?",
                    ("at most half", "half to nine tenths", "about the same, or larger"),
                    (0.5, 0.9),
                ),
            ),
            Step(
                "Not even begun",
                "With fresh weights the model has learnt hardly more than the mean digit: it writes nearly the same "
                "for every image.",
                "reconstructions",
            ),
            Step(
                "And today",
                "Smooth rectifiers, better first weights and better optimizers have made it unnecessary: in the "
                "laboratory choose *Hinton 2006, as today* and see. It mattered because it showed that deep networks "
                "could be trained at all.",
                "curves",
            ),
        ),
        point=Point(
            points.error_beside_fresh,
            "Error after pretraining beside fresh weights",
            "share of the squared error",
            "{:.0%}",
            "at most",
            0.5,
            "After the same passes over the data the pretrained model's error is {value} of the other's.",
            bars_title="Squared error of held-out digits",
            bars_unit="thousandths of the squared error per pixel",
        ),
        seconds=20,
    ),
}
