"""Errors of a regression whose rows come in clusters, honest where clusters are few and uneven.

The usual ones are too small where clusters are few; these correct the residuals of each cluster
for its leverage (CR2: Bell and McCaffrey, Survey Methodology 2002, vol. 28, pages 169-181) and
take their degrees of freedom from Satterthwaite's approximation (Pustejovsky and Tipton, Journal
of Business and Economic Statistics 2018, vol. 36, pages 672-683). A generalised linear model
takes part through its working residuals, rows and residuals weighed by the root of its weights.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["ClusterErrors", "Floats", "Ints", "cluster_errors", "clusters_of"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class ClusterErrors:
    """What the clusters of a regression say about its errors.

    Attributes
    ----------
    bread : numpy.ndarray
        Inverse of the rows' products, shape (columns, columns).
    scores : numpy.ndarray
        Rows times corrected residuals summed by cluster, shape (clusters, columns).
    plain : numpy.ndarray
        Rows summed by cluster, weighed as they are, shape (clusters, columns).
    own : numpy.ndarray
        Products of the corrected rows of a cluster, shape (clusters, columns, columns).
    cross : numpy.ndarray
        Products of its rows and its corrected rows, of the same shape.
    """

    bread: Floats
    scores: Floats
    plain: Floats
    own: Floats
    cross: Floats

    @property
    def cov(self) -> Floats:
        """Covariance of the coefficients (CR2), shape (columns, columns)."""
        spread = self.scores @ self.bread
        out: Floats = spread.T @ spread
        return out

    def freedom(self, contrasts: Floats | None = None) -> Floats:
        """Return Satterthwaite's degrees of freedom of contrasts, given as columns.

        Each coefficient where there are none.
        """
        weights = self.bread if contrasts is None else self.bread @ contrasts
        own = np.einsum("pk,gpq,qk->gk", weights, self.own, weights, optimize=True)
        cross = self.cross @ weights
        dof = np.empty(weights.shape[1])
        for k in range(len(dof)):
            # p_g'p_h of the quadratic form under independent errors, all clusters with all.
            among = -cross[:, :, k] @ self.bread @ cross[:, :, k].T
            among[np.diag_indices(len(among))] += own[:, k]
            dof[k] = np.trace(among) ** 2 / (among**2).sum()
        return dof

    def effective(self) -> Floats:
        """Return how many equal clusters tell as much of each coefficient as these do.

        Carter, Schnepel and Steigerwald, Review of Economics and Statistics 2017, vol. 99, pages
        698-709: clusters over one plus the squared variation of what each adds to the variance,
        errors within a cluster taken to be one and the same.
        """
        adds = (self.plain @ self.bread) ** 2
        mean = adds.mean(axis=0)
        varied = ((adds - mean) ** 2).mean(axis=0) / np.where(mean > 0, mean, 1.0) ** 2
        out: Floats = len(adds) / (1 + varied)
        return out


def clusters_of(cluster: npt.ArrayLike) -> Ints:
    """Return clusters as numbers, in the order of their names."""
    return pd.factorize(np.asarray(cluster), sort=True)[0].astype(np.int64)


def cluster_errors(
    x: Floats, residual: Floats, code: Ints, weight: Floats | None = None
) -> ClusterErrors:
    """Return the errors of a regression with clusters.

    Parameters
    ----------
    x : array of float, shape (rows, columns)
        The design.
    residual : array of float, shape (rows,)
        What the regression leaves.
    code : array of int, shape (rows,)
        Cluster of each row, 0 to clusters less one, none empty.
    weight : array of float, shape (rows,), optional
        Weight of each row in the fit.
    """
    root = np.ones(len(x)) if weight is None else np.sqrt(weight)
    order = np.argsort(code, kind="stable")
    root = root[order]
    x, residual = x[order] * root[:, None], residual[order] * root
    bread = np.linalg.inv(x.T @ x).astype(np.float64)
    edges = np.append(np.flatnonzero(np.diff(code[order], prepend=-1)), len(code))
    n, p = len(edges) - 1, x.shape[1]
    scores, own, cross = np.empty((n, p)), np.empty((n, p, p)), np.empty((n, p, p))
    for g in range(n):
        rows, e = x[edges[g] : edges[g + 1]], residual[edges[g] : edges[g + 1]]
        # (I - H)^(-1/2) of a cluster through its few columns: H = Q (R B R') Q'.
        q, r = np.linalg.qr(rows)
        values, vectors = np.linalg.eigh(r @ bread @ r.T)
        lever = np.clip(1 - values, 0, None)
        stretch = np.where(lever > 1e-8, 1 / np.sqrt(np.maximum(lever, 1e-8)), 0.0) - 1
        turn = q @ vectors
        adjusted = rows + turn @ (stretch[:, None] * (turn.T @ rows))
        scores[g] = adjusted.T @ e
        own[g] = adjusted.T @ adjusted
        cross[g] = rows.T @ adjusted
    plain = np.add.reduceat(x * root[:, None], edges[:-1], axis=0)
    return ClusterErrors(bread, scores, plain, own, cross)
