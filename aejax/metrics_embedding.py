"""The metrics of what an embedding keeps: neighbours, labels, distances, the principal subspace, the map's places."""

from functools import partial

from aejax.arrays import DataError
from aejax.coranking import agreement_area
from aejax.coverage import latent_fill
from aejax.distances import PAIRED, distance_correlation, stress, triplet_accuracy
from aejax.embedder import decodes
from aejax.evidence import Evidence
from aejax.metric import Metric
from aejax.separation import knn_accuracy, linear_probe, rand_index, v_measure
from aejax.subspaces import largest_angle


def _probe(evidence: Evidence) -> float:
    train, test = evidence.train, evidence.test
    return linear_probe(train.codes, train.labels, test.codes, test.labels)


def _knn(k: int, evidence: Evidence) -> float:
    train, test = evidence.train, evidence.test
    return knn_accuracy(train.codes, train.labels, test.codes, test.labels, k)


def _angle(evidence: Evidence) -> float:
    rebuilt = evidence.rebuilt
    return largest_angle(rebuilt, evidence.principal, evidence.test.codes.shape[1])


def _fill(evidence: Evidence) -> float:
    if evidence.embedder is None or not decodes(evidence.embedder):
        raise DataError(evidence.missing)
    return latent_fill(evidence.embedder, evidence.test.codes)


def _k(evidence: Evidence) -> int:
    return evidence.k


RANKS: dict[str, Metric] = {
    "trustworthiness": Metric(
        "Trustworthiness",
        "0 to 1",
        "higher",
        "Whether the k nearest by code are near as examples; intruders cost their rank beyond k",
        "n² d",
        lambda evidence: evidence.ranks.trustworthiness,
        neighbours=_k,
        formula=(
            r"1 - \tfrac{2}{n k (2n - 3k - 1)} \textstyle\sum_i \sum_{j \in N_z(i) \setminus N_x(i)} "
            r"(r_x(i, j) - k)"
        ),
    ),
    "continuity": Metric(
        "Continuity",
        "0 to 1",
        "higher",
        "Whether the k nearest examples stay near by code; those lost cost their rank beyond k",
        "n² d",
        lambda evidence: evidence.ranks.continuity,
        neighbours=_k,
        formula=(
            r"1 - \tfrac{2}{n k (2n - 3k - 1)} \textstyle\sum_i \sum_{j \in N_x(i) \setminus N_z(i)} "
            r"(r_z(i, j) - k)"
        ),
    ),
    "preservation": Metric(
        "Neighbours kept, Q_NX",
        "share of neighbours",
        "higher",
        "Those of the k nearest examples that are among the k nearest by code",
        "n² d",
        lambda evidence: evidence.ranks.preservation,
        neighbours=_k,
        formula=r"\tfrac{1}{n k} \textstyle\sum_i \lvert N_x(i) \cap N_z(i) \rvert",
    ),
    "agreement_area": Metric(
        "AUC of R_NX",
        "0 by chance, 1 at best",
        "higher",
        "Neighbours kept above chance, averaged over all k with weights 1/k",
        "n² d + n² log n",
        lambda evidence: agreement_area(evidence.test.x, evidence.test.codes),
        formula=r"\textstyle\sum_k R_{NX}(k) / k \,\big/ \sum_k 1 / k",
    ),
    "false_rank_error": Metric(
        "MRRE, false neighbours",
        "0 to 1",
        "lower",
        "Relative change of rank of the k nearest by code, among the examples",
        "n² d",
        lambda evidence: evidence.ranks.false_rank_error,
        neighbours=_k,
        formula=r"\tfrac{1}{n h} \textstyle\sum_i \sum_{j \in N_z(i)} \lvert r_x - r_z \rvert / r_z",
    ),
    "missing_rank_error": Metric(
        "MRRE, missing neighbours",
        "0 to 1",
        "lower",
        "Relative change of rank of the k nearest examples, among the codes",
        "n² d",
        lambda evidence: evidence.ranks.missing_rank_error,
        neighbours=_k,
        formula=r"\tfrac{1}{n h} \textstyle\sum_i \sum_{j \in N_x(i)} \lvert r_x - r_z \rvert / r_x",
    ),
}

LABELS: dict[str, Metric] = {
    "knn_1": Metric(
        "1-NN accuracy",
        "share of examples",
        "higher",
        "Examples whose label is that of the training code nearest to theirs",
        "n m l",
        partial(_knn, 1),
        needs_labels=True,
        needs_training=True,
        neighbours=lambda evidence: 1,
        formula=r"\tfrac1n \textstyle\sum_i [\, y_i = y_{\text{nearest}(z_i)} \,]",
    ),
    "knn_5": Metric(
        "5-NN accuracy",
        "share of examples",
        "higher",
        "Examples whose label is that of most of the 5 training codes nearest to theirs",
        "n m l",
        partial(_knn, 5),
        needs_labels=True,
        needs_training=True,
        neighbours=lambda evidence: 5,
        formula=r"\tfrac1n \textstyle\sum_i [\, y_i = \text{most frequent of the 5 nearest} \,]",
    ),
    "linear_probe": Metric(
        "Linear probe",
        "share of examples",
        "higher",
        "Examples whose label a linear classifier reads off their code, having learnt from training codes",
        "m l c",
        _probe,
        needs_labels=True,
        needs_training=True,
        formula=r"\tfrac1n \textstyle\sum_i [\, y_i = \arg\max_c (W z_i + b)_c \,]",
    ),
    "silhouette": Metric(
        "Silhouette of labels",
        "-1 to 1",
        "higher",
        "How much nearer a code is to its own class than to the next one",
        "n² l",
        lambda evidence: float(evidence.silhouettes.mean()),
        needs_labels=True,
        formula=r"\tfrac1n \textstyle\sum_i (b_i - a_i) / \max(a_i, b_i)",
    ),
    "v_measure": Metric(
        "V-measure of k-means",
        "0 to 1",
        "higher",
        "Agreement of classes with as many clusters of codes; equal to NMI with the arithmetic mean",
        "n l c",
        lambda evidence: v_measure(evidence.test.labels, evidence.clusters),
        needs_labels=True,
        formula=r"2 h c / (h + c) \text{ of homogeneity } h \text{ and completeness } c",
    ),
    "rand_index": Metric(
        "Adjusted Rand index of k-means",
        "0 by chance, 1 at best",
        "higher",
        "Pairs that classes and as many clusters of codes both join or both part, above chance",
        "n l c",
        lambda evidence: rand_index(evidence.test.labels, evidence.clusters),
        needs_labels=True,
        formula=r"(\mathrm{RI} - \mathrm{E}[\mathrm{RI}]) / (1 - \mathrm{E}[\mathrm{RI}])",
    ),
}

DISTANCES: dict[str, Metric] = {
    "distance_correlation": Metric(
        "Correlation of distances",
        "-1 to 1",
        "higher",
        "Spearman's correlation of the distances of pairs of examples with those of their codes",
        "n² d",
        lambda evidence: distance_correlation(evidence.test.x, evidence.test.codes),
        at_most=PAIRED,
        formula=r"\rho\bigl(\lVert x_i - x_j \rVert, \lVert z_i - z_j \rVert\bigr)",
    ),
    "stress": Metric(
        "Stress",
        "share of root mean square",
        "lower",
        "Change of the distances of pairs; codes have no unit, so they are scaled by the best factor first",
        "n² d",
        lambda evidence: stress(evidence.test.x, evidence.test.codes),
        at_most=PAIRED,
        formula=r"\min_\alpha \textstyle\sqrt{\sum (\delta_{ij} - \alpha \zeta_{ij})^2 / \sum \delta_{ij}^2}",
    ),
    "triplet_accuracy": Metric(
        "Random triplets",
        "share of triplets",
        "higher",
        "Triplets in which the same one of two is the nearer to the third, by example and by code; 5 an example",
        "n d",
        lambda evidence: triplet_accuracy(evidence.test.x, evidence.test.codes),
        formula=(
            r"\mathrm{P}\bigl(\lVert x_i - x_j \rVert < \lVert x_i - x_l \rVert \Leftrightarrow \lVert "
            r"z_i - z_j \rVert < \lVert z_i - z_l \rVert\bigr)"
        ),
    ),
    "pca_angle": Metric(
        "Angle to PCA",
        "degrees",
        "lower",
        "Largest angle between the first principal directions of reconstructions and of training examples",
        "m d² + d³",
        _angle,
        is_contest=False,
        formula=r"\arccos \sigma_{\min}(U^\top V)",
    ),
    "latent_fill": Metric(
        "Latent fill",
        "share of the map",
        "higher",
        "Places among the codes of a map that come back to within 5 % of its diameter, decoded and encoded",
        "places d",
        _fill,
        is_contest=False,
        formula=(
            r"\mathrm{P}\bigl(\lVert E(D(z)) - z \rVert \le 0.05 \cdot \text{diameter}\bigr) \text{ "
            r"over places } z"
        ),
    ),
}
