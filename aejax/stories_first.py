"""Stories for a first lesson: what an autoencoder is, what it shares with PCA, and what size and shape do."""

from aejax import story_points as points
from aejax.story import RUN, Point, Question, Step, Story, Training

_DIGITS = "mnist-sample"
_SHARE = "share of the variance of held-out images"

FIRST: dict[str, Story] = {
    "autoencoder": Story(
        title="What an autoencoder is",
        question="How much of an image is left if it must pass through two numbers?",
        data=_DIGITS,
        trainings=(Training("Autoencoder", "map", ("train.epochs=6",)),),
        steps=(
            Step(
                "784 numbers",
                "Each of these images is 28 by 28 pixels: 784 numbers from black to white. An autoencoder is a pair of "
                "networks. The *encoder* turns the 784 numbers into a few, the *code*; the *decoder* makes 784 numbers "
                "of the code again. Nobody tells it which digit it sees. It is only asked for the image that went in.",
                "examples",
            ),
            Step(
                "Through two numbers",
                "Here the code is two numbers, so 784 become 2 become 784. PCA, the classical way to do it, rebuilds "
                "about a sixth of what makes the images differ from their mean (their variance).",
                RUN,
                Question(
                    "How much of the variance will the autoencoder rebuild?",
                    ("less than PCA, under 15 %", "about as much as PCA, 15 to 25 %", "clearly more, above 25 %"),
                    (0.15, 0.25),
                ),
            ),
            Step(
                "What went in, what came out",
                "Compare each digit with what the decoder made of its two numbers. Strokes become smooth, and digits "
                "that look alike, such as 4 and 9, are sometimes taken for one another: two numbers cannot hold "
                "it all.",
                "reconstructions",
            ),
            Step(
                "Two numbers are a place",
                "Two numbers are a place on a sheet of paper. Here the decoder was asked for the image at every place "
                "of a grid: neighbouring places give similar images. That is the map which the laboratory lets you "
                "walk through.",
                "manifold",
            ),
        ),
        point=Point(
            points.variance_rebuilt,
            "Variance rebuilt from two numbers",
            _SHARE,
            "{:.0%}",
            "at least",
            0.30,
            "Two numbers an image are enough to rebuild {value} of what makes digits differ; PCA rebuilds {1}.",
        ),
        seconds=10,
    ),
    "linear": Story(
        title="A linear one is PCA",
        question="What does an autoencoder find that has no curves in it?",
        data=_DIGITS,
        trainings=(Training("Linear autoencoder", "linear", ("train.epochs=12",)),),
        steps=(
            Step(
                "Only straight lines",
                "Take away everything curved: encoder and decoder are one matrix each, the cost is the squared error. "
                "All that it can write is then a flat plane through the space of images. PCA finds the plane with the "
                "least squared error by algebra, in a moment and exactly.",
                "examples",
            ),
            Step(
                "Two ways to one plane?",
                "The autoencoder is not told about PCA. It begins with random numbers and walks downhill on its own "
                "error. Two planes can be compared by the angle between them: 0° is the same plane, 90° is at right "
                "angles; two planes drawn at random in so large a space are almost at right angles.",
                RUN,
                Question(
                    "How large will the angle between the two planes be?",
                    ("at most 5°, the same plane", "5 to 45°, somewhat alike", "more than 45°, another plane"),
                    (5.0, 45.0),
                ),
            ),
            Step(
                "The same map, turned",
                "On the left what PCA makes of held-out digits, on the right the autoencoder. The plane is the same; "
                "which way its axes run in the plane is left to chance, so that one map may be a turned, stretched "
                "or mirrored copy of the other.",
                "maps",
            ),
        ),
        point=Point(
            points.angle_to_pca,
            "Largest angle between the two planes",
            "degrees",
            "{:.1f}°",
            "at most",
            5.0,
            "The linear autoencoder has found the plane of PCA: the largest angle between the two is {value}.",
        ),
        seconds=5,
    ),
    "deep": Story(
        title="PCA against a deep one",
        question="What do curves add to a map of two numbers?",
        data=_DIGITS,
        trainings=(Training("Deep autoencoder", "map", ("train.epochs=10",)),),
        steps=(
            Step(
                "The figure of 2006",
                "In 2006 Hinton and Salakhutdinov set two maps of digits side by side: PCA on the left, a deep "
                "autoencoder on the right. Both write each image as two numbers. You are about to make that figure "
                "yourself.",
                "examples",
            ),
            Step(
                "Who tells digits apart?",
                "Neither is told the classes. Afterwards one asks of each held-out digit: what are its five nearest "
                "training digits on the map? Their majority names a class. With PCA's map that is right for about four "
                "in ten; guessing would be right for one in ten.",
                RUN,
                Question(
                    "By how much more often will it be right on the deep map, in points of a hundred?",
                    ("not more often", "up to 15 points more", "more than 15 points more"),
                    (0.0, 0.15),
                ),
            ),
            Step(
                "Left and right",
                "PCA's plane lays the digits over one another. The deep encoder may bend the plane, so most digits "
                "have a region of their own. A click on a class in the legend leaves it alone.",
                "maps",
            ),
        ),
        point=Point(
            points.told_apart,
            "More digits named rightly by their neighbours on the map",
            "share of held-out images",
            "{:.0%}",
            "at least",
            0.15,
            "By its neighbours on the map {0} of the digits are named rightly, on PCA's {1}: {value} more.",
            bars_title="Digits named rightly by their five nearest neighbours",
        ),
        seconds=8,
    ),
    "bottleneck": Story(
        title="How small may the bottleneck be",
        question="When does a larger code stop paying?",
        data=_DIGITS,
        trainings=(
            Training("2 numbers", "map", ("train.epochs=4",)),
            Training("8 numbers", "map", ("spec.latent=8", "train.epochs=4")),
            Training("32 numbers", "map", ("spec.latent=32", "train.epochs=4")),
        ),
        steps=(
            Step(
                "The narrowest place",
                "All that the decoder ever learns of an image passes through the code. Three autoencoders that differ "
                "in nothing else get 2, 8 and 32 numbers.",
                "examples",
            ),
            Step(
                "Four times as many, twice",
                "From 2 to 8 is four times as many, and from 8 to 32 again. The error falls with each. Take all that "
                "32 numbers save beside 2 as the whole.",
                RUN,
                Question(
                    "How much of the whole saving do 8 numbers bring already?",
                    ("a third or less", "between a third and two thirds", "more than two thirds"),
                    (1 / 3, 2 / 3),
                ),
            ),
            Step(
                "See it",
                "The same digits from each code. Where is the first row that you would call good enough? That depends "
                "on what you want it for, and no error tells you.",
                "reconstructions",
            ),
        ),
        point=Point(
            points.gain_by_then,
            "Share of the saving that 8 numbers bring",
            "share of the squared error saved from 2 to 32 numbers",
            "{:.0%}",
            "at least",
            0.6,
            "8 numbers bring {value} of all that 32 save beside 2: the first numbers of a code are worth the most.",
        ),
        seconds=22,
    ),
    "convolution": Story(
        title="Convolution with 610 parameters",
        question="What is a model worth that knows an image has neighbours?",
        data="fashion-sample",
        trainings=(
            Training(
                "Convolutional", "convolutional", ("train.epochs=5", "train.batch_size=32", "train.learning_rate=0.01")
            ),
        ),
        steps=(
            Step(
                "A thousand pieces of clothing",
                "A dense layer learns a weight for each pair of pixel and unit: hundreds of thousands. A convolution "
                "learns one small stencil of 3 by 3 and lays it everywhere, since a seam is a seam wherever it is. The "
                "model of this story has 610 parameters in all, and its code is a smaller picture of 7 by 7.",
                "examples",
            ),
            Step(
                "610 against 1,568",
                "PCA needs its mean image and one component, 784 numbers each: 1,568 parameters for a code of one "
                "number. Fewer it cannot have.",
                RUN,
                Question(
                    "How much of the variance will 610 shared parameters rebuild?",
                    ("a quarter or less", "between a quarter and a half", "more than half"),
                    (0.25, 0.5),
                ),
            ),
            Step(
                "Coarse, but everything is there",
                "The code keeps where light and dark are, at a quarter of the resolution each way. "
                "Fine patterns are lost; the shapes are not.",
                "reconstructions",
            ),
        ),
        point=Point(
            points.variance_of_few,
            "Variance rebuilt with 610 parameters",
            _SHARE,
            "{:.0%}",
            "at least",
            0.5,
            "With 610 parameters the convolutional model rebuilds {value} of what makes the clothes differ; PCA with "
            "1,568 rebuilds {1}. It has more numbers in its code, 49 beside 1, and shares its few weights all over the "
            "image.",
        ),
        seconds=15,
    ),
}
