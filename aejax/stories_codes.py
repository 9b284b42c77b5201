"""Stories of what else one can ask of a code: that it forgives noise, is sparse, quiet, or made of pixels."""

from aejax import story_points as points
from aejax.story import RUN, Point, Question, Step, Story, Training

_DIGITS = "mnist-sample"
_QUICK = ("train.epochs=6", "train.batch_size=128", "train.learning_rate=0.003")

CODES: dict[str, Story] = {
    "denoising": Story(
        title="Denoising",
        question="Can a network learn to see through noise?",
        data=_DIGITS,
        trainings=(
            Training("Trained with noise", "denoising", _QUICK),
            Training("Trained without", "denoising", ("spec.corruption=clean", *_QUICK)),
        ),
        steps=(
            Step(
                "Clean, and not",
                "Two models with the same layers. The first sees each digit under noise, new at every look, and must "
                "rebuild the clean one. The second sees clean digits only and rebuilds those very well.",
                "noise",
            ),
            Step(
                "Noise for both",
                "Now both get noisy digits that neither has seen. What counts is the difference from the clean digit, "
                "in decibels: 3 dB more is half the squared error.",
                RUN,
                Question(
                    "How much better will the one be that was trained with noise?",
                    ("no better", "up to 3 dB better", "more than 3 dB better"),
                    (0.0, 3.0),
                ),
            ),
            Step(
                "Look at both",
                "What was trained without noise takes the noise for part of the digit and rebuilds it as well as it "
                "can. To remove noise one must have learnt what digits look like without it.",
                "noise",
            ),
        ),
        point=Point(
            points.decibels_won,
            "Gain beside the model that never saw noise",
            "decibels, peak signal to noise",
            "{:.1f} dB",
            "at least",
            3.0,
            "The model that was trained with noise is {value} better: {0}, beside {1} for the other and {2} for the "
            "noisy images themselves.",
            bars_title="Noisy digits, and what is made of them, beside the clean ones",
        ),
        seconds=11,
    ),
    "sparse": Story(
        title="Sparse codes",
        question="How few units does one digit need at a time?",
        data=_DIGITS,
        trainings=(
            Training("With the price", "sparse-l1", ('spec.penalties=[{"kind":"l1","weight":0.3}]', "train.epochs=6")),
            Training("Without", "sparse-l1", ("spec.penalties=[]", "train.epochs=6")),
        ),
        steps=(
            Step(
                "128 units",
                "This code has 128 numbers, more than it would need. Two models have it. In the first, every unit that "
                "is on for an image costs something, in proportion to how much it does (the L1 penalty); in the "
                "second, units are free.",
                "examples",
            ),
            Step(
                "What does thrift do?",
                "Without a price nearly all units speak for every digit, so that none means anything by itself.",
                RUN,
                Question(
                    "How many of the 128 units will be on for one digit, if each costs?",
                    ("at most 50", "50 to 100", "more than 100"),
                    (50.0, 100.0),
                ),
            ),
            Step(
                "The codes themselves",
                "Each bar is one of the 128 numbers of a code, for the same digits in both models: few and tall, or "
                "many and alike.",
                "codes",
            ),
            Step(
                "What it costs",
                "Nothing is free: fewer units rebuild the digits a little less well. The weight of the price is yours "
                "to choose, under *Penalties* in the laboratory.",
                "reconstructions",
            ),
        ),
        point=Point(
            points.units_in_use,
            "Units that are on for one digit",
            "units of 128, on average",
            "{:.0f}",
            "at most",
            50.0,
            "With a price on each, {value} of the 128 units are on for a digit; without one, {1} are.",
        ),
        seconds=16,
    ),
    "pixels": Story(
        title="Which 50 pixels suffice",
        question="If you could look at only 50 of 784 pixels, which would you choose?",
        data=_DIGITS,
        trainings=(Training("Concrete autoencoder", "concrete", ("train.epochs=10",)),),
        steps=(
            Step(
                "A code of pixels",
                "The code of a *concrete* autoencoder is no mixture: it is 50 of the pixels themselves, as they are. "
                "From these a decoder must tell the other 734. Which pixels they are is learnt along with it: at first "
                "each place of the code tries mixtures of many, and step by step settles for one.",
                "examples",
            ),
            Step(
                "Choose, or draw?",
                "Beside it stand 50 pixels drawn at random, with the best straight-line decoder that there is for "
                "them.",
                RUN,
                Question(
                    "How large will the error from the chosen pixels be, beside that from pixels drawn at random?",
                    ("a third or less", "between a third and three quarters", "hardly less, or more"),
                    (1 / 3, 0.75),
                ),
            ),
            Step(
                "Here they are",
                "The chosen pixels in colour, on the mean digit. None is wasted on the border, where all digits are "
                "black, and hardly two are neighbours, for a neighbour tells little that is new.",
                "selected",
            ),
            Step("The rest, told from 50", "Originals above, and what was told from the 50 pixels.", "reconstructions"),
        ),
        point=Point(
            points.error_beside_chance,
            "Error from chosen pixels beside pixels drawn at random",
            "share of the squared error",
            "{:.0%}",
            "at most",
            0.65,
            "From 50 chosen pixels the error is {value} of that from 50 pixels drawn at random.",
            bars_title="Squared error of digits told from 50 pixels",
            bars_unit="thousandths of the squared error per pixel",
        ),
        seconds=14,
    ),
    "contraction": Story(
        title="Contraction",
        question="Does a code keep still when the image hardly changes?",
        data=_DIGITS,
        trainings=(
            Training(
                "Contractive",
                "contractive",
                ('spec.penalties=[{"kind":"contractive","weight":0.5}]', "train.epochs=5"),
            ),
            Training("Plain", "contractive", ("spec.penalties=[]", "train.epochs=5")),
        ),
        steps=(
            Step(
                "A nudge",
                "A little noise on an image changes nothing that you would call important. Does the code know that? "
                "Two models with the same layers: one also pays for each way in which a small change of the image "
                "would move its code (the squared size of the encoder's slope).",
                "examples",
            ),
            Step(
                "Who is moved?",
                "Both get digits with noise of a tenth of the range. How far the codes move is counted in shares "
                "of the distance between two digits' codes, so that a code which is small as a whole wins nothing.",
                RUN,
                Question(
                    "How far will the contractive code move, beside the plain one?",
                    ("at most three quarters as far", "nearly as far", "farther"),
                    (0.75, 1.0),
                ),
            ),
            Step(
                "What it costs",
                "To keep still, the encoder gives up detail: it still follows the few ways in which digits really "
                "differ, and drops the rest.",
                "reconstructions",
            ),
        ),
        point=Point(
            points.unrest,
            "Movement of the contractive code beside the plain one",
            "share of the plain model's movement",
            "{:.0%}",
            "at most",
            0.75,
            "Under a little noise the contractive code moves {value} as far as the plain one.",
            bars_title="How far a little noise moves a code",
            bars_unit="share of the mean distance between two codes",
        ),
        seconds=13,
    ),
    "sequences": Story(
        title="Sequences",
        question="Can a whole wave be told by two numbers?",
        data="waves",
        trainings=(Training("Sequence to sequence", "sequence", ("train.epochs=8",)),),
        steps=(
            Step(
                "Waves",
                "Sine, square and triangle waves of 28 steps, each with its own phase and length. A recurrent network "
                "reads a wave step by step, keeps two numbers, and writes it again from these.",
                "examples",
            ),
            Step(
                "Beside PCA",
                "A shift in time is easy to say and hard to mix: the sum of two waves is no wave shifted by half. PCA "
                "can only mix, and with two numbers it rebuilds about half of the variance.",
                RUN,
                Question(
                    "How much will the recurrent autoencoder rebuild?",
                    ("no more than PCA, under 55 %", "55 to 70 %", "more than 70 %"),
                    (0.55, 0.70),
                ),
            ),
            Step(
                "Read, and written again",
                "Corners are rounded, but phase and length are right: that is what the two numbers were spent on.",
                "reconstructions",
            ),
        ),
        point=Point(
            points.variance_rebuilt,
            "Variance rebuilt from two numbers",
            "share of the variance of held-out waves",
            "{:.0%}",
            "at least",
            0.65,
            "From two numbers the recurrent autoencoder rebuilds {value} of what makes the waves differ, PCA {1}.",
        ),
        seconds=21,
    ),
}
