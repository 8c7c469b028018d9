"""Where artifacts come from and what became of them: what runs logged and used, as of any step, and the graph of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from playhead.domain.account import Actor
from playhead.domain.artifact import Artifact, Edge, Made, Member, Role
from playhead.domain.errors import PlayheadError
from playhead.domain.ids import RunPath
from playhead.domain.limits import MAX_LINEAGE, MAX_PAGE
from playhead.domain.run import Run
from playhead.domain.timeline import chain
from playhead.ports.artifacts import Artifacts
from playhead.ports.lineage import Lineage
from playhead.ports.timelines import Timelines
from playhead.services.access import Access, may_change_artifact
from playhead.services.artifacts import shows
from playhead.services.history import Place
from playhead.wire.artifacts import (
    ArtifactView,
    LineageEdge,
    LineageNode,
    LineageView,
    RunArtifact,
    RunArtifactPage,
    RunPlace,
)

MAX_DEPTH = 10
"""Runs between an artifact and the farthest one that is shown."""


@dataclass(slots=True)
class _Graph:
    """What was found so far."""

    actor: Actor
    nodes: dict[str, LineageNode] = field(default_factory=dict)
    edges: dict[tuple[str, str], LineageEdge] = field(default_factory=dict)
    more: bool = False
    runs: dict[str, Run | None] = field(default_factory=dict)
    """Segment -> the run that it is of, if it may be seen."""


class LineageService:
    """Answers for actors who may read what is shown; what they may not read is left out."""

    def __init__(self, *, access: Access, runs: Timelines, artifacts: Artifacts, lineage: Lineage) -> None:
        self._access = access
        self._runs = runs
        self._artifacts = artifacts
        self._lineage = lineage

    def of_run(
        self, actor: Actor, path: RunPath, place: Place, *, role: Role | None, limit: int, cursor: str | None
    ) -> RunArtifactPage:
        """A page of what a run logged and used until a place on its timeline, by time; a rewind leaves what was logged until then."""
        found, after = self.logged_or_used(actor, path, place, role=role, limit=limit, cursor=cursor)
        shown = self._views(actor, [one for one, _ in found])
        items = [
            RunArtifact(
                artifact=shown[one.id], role=edge.role.value, step=edge.made.step, time=edge.made.time,
                segment=edge.made.segment, used_as=edge.used_as,
            )
            for one, edge in found
        ]  # fmt: skip
        return RunArtifactPage(items=items, next=after)

    def logged_or_used(
        self, actor: Actor, path: RunPath, place: Place, *, role: Role | None, limit: int, cursor: str | None
    ) -> tuple[list[tuple[Artifact, Edge]], str | None]:
        """The same, as it is; and the next cursor."""
        run = self._access.run(actor, path)
        head = place.segment or run.head
        line = [(one.id, limit) for one, limit in chain(self._runs.segments(path), head, place.step)]
        edges, after = self._lineage.of_segments(line, min(limit, MAX_PAGE), cursor, role=role)
        known = self._artifacts.artifacts([edge.artifact for edge in edges])
        pairs = [(known[edge.artifact], edge) for edge in edges if edge.artifact in known]
        return [pair for pair in pairs if self._is_seen(actor, pair[0])], after

    def runs_of(self, actor: Actor, artifact: Artifact, role: Role) -> list[Run]:
        """Runs that logged, or used, a version, each once, by time."""
        graph = _Graph(actor)
        edges = [edge for edge in self._lineage.of_artifacts([artifact.id], MAX_PAGE) if edge.role is role]
        runs = [run for edge in edges if (run := self._run(graph, edge.made.segment)) is not None]
        return list({run.path: run for run in runs}.values())

    def of_artifact(self, actor: Actor, artifact: Artifact, depth: int) -> LineageView:
        """What led to a version and what was made of it, over so many runs, at most MAX_LINEAGE artifacts and runs."""
        graph = _Graph(actor)
        self._add(graph, [artifact])
        ring = [artifact.id]
        for _ in range(min(depth, MAX_DEPTH)):
            ring = self._further(graph, ring)
            if not ring:
                break
        nodes = graph.nodes.keys()
        shown = [edge for edge in graph.edges.values() if edge.source in nodes and edge.target in nodes]
        return LineageView(nodes=list(graph.nodes.values()), edges=shown, more=graph.more or bool(ring))

    def view(self, actor: Actor, found: Member | Artifact) -> ArtifactView:
        """A version as `actor` may see it, in the collection that it was found in."""
        artifact = found.artifact if isinstance(found, Member) else found
        view = self._views(actor, [artifact])[artifact.id]
        return _in_place(view, found) if isinstance(found, Member) else view

    def views(self, actor: Actor, members: Sequence[Member]) -> list[ArtifactView]:
        """The same of several."""
        shown = self._views(actor, [one.artifact for one in members])
        return [_in_place(shown[one.artifact.id], one) for one in members]

    def _views(self, actor: Actor, artifacts: Iterable[Artifact]) -> dict[str, ArtifactView]:
        graph = _Graph(actor)
        return {one.id: self._view(graph, one) for one in artifacts}

    def _view(self, graph: _Graph, one: Artifact) -> ArtifactView:
        return ArtifactView(
            id=one.id, entity=one.collection.entity, project=one.collection.project, name=one.collection.name,
            version=one.version, type=one.type, state=one.state.value, digest=one.digest, manifest=one.manifest,
            size=one.size, count=one.count, aliases=list(one.aliases), tags=list(one.tags), description=one.description,
            metadata=one.metadata, ttl=one.ttl, created_at=one.created_at, updated_at=one.updated_at,
            committed_at=one.committed_at, user=one.user, problem=one.problem,
            logged_by=None if one.made is None else self._place(graph, one.made),
            may_write=may_change_artifact(graph.actor, one),
        )  # fmt: skip

    def _place(self, graph: _Graph, made: Made) -> RunPlace | None:
        run = self._run(graph, made.segment)
        if run is None:
            return None
        return RunPlace(
            entity=run.path.entity, project=run.path.project, run_id=run.path.run_id, name=run.name,
            segment=made.segment, step=made.step, time=made.time,
        )  # fmt: skip

    def _run(self, graph: _Graph, segment: str) -> Run | None:
        """The run of a segment; None if it is gone, or may not be seen."""
        if segment not in graph.runs:
            try:
                graph.runs[segment] = self._access.run(graph.actor, self._runs.segment(segment).run)
            except PlayheadError:
                graph.runs[segment] = None
        return graph.runs[segment]

    def _is_seen(self, actor: Actor, artifact: Artifact) -> bool:
        entity, project, _ = artifact.collection
        try:
            self._access.project(actor, entity, project)
        except PlayheadError:
            return False
        return shows(actor, entity, artifact.type)

    def _add(self, graph: _Graph, artifacts: Iterable[Artifact]) -> list[str]:
        """Show these, as far as they may be seen and there is room; ids of those that are new."""
        new: list[str] = []
        for one in artifacts:
            if one.id in graph.nodes or not self._is_seen(graph.actor, one):
                continue
            if len(graph.nodes) >= MAX_LINEAGE:
                graph.more = True
                break
            entity, project, _ = one.collection
            graph.nodes[one.id] = LineageNode(
                id=one.id, kind="artifact", name=one.name, entity=entity, project=project,
                path=f"{entity}/{project}/{one.name}", type=one.type, state=one.state.value,
            )  # fmt: skip
            new.append(one.id)
        return new

    def _further(self, graph: _Graph, ring: Sequence[str]) -> list[str]:
        """One run farther than these artifacts; ids of the artifacts there."""
        segments: dict[str, None] = {}
        for edge in self._lineage.of_artifacts(ring, MAX_LINEAGE):
            run = self._run(graph, edge.made.segment)
            if run is None or not self._tell(graph, edge, run):
                continue
            own = [one.id for one in self._runs.segments(run.path) if one.run == run.path]
            segments |= dict.fromkeys(own)
        if not segments:
            return []
        edges, after = self._lineage.of_segments([(segment, None) for segment in segments], MAX_LINEAGE)
        graph.more |= after is not None
        known = self._artifacts.artifacts([edge.artifact for edge in edges])
        new = self._add(graph, known.values())
        for edge in edges:
            run = self._run(graph, edge.made.segment)
            if run is not None and edge.artifact in known:
                self._tell(graph, replace(edge, artifact=known[edge.artifact].id), run)
        return new

    def _tell(self, graph: _Graph, edge: Edge, run: Run) -> bool:
        """Show an edge, and its run if there is room. Whether it is shown."""
        node = f"run:{run.path}"
        if node not in graph.nodes:
            if len(graph.nodes) >= MAX_LINEAGE:
                graph.more = True
                return False
            graph.nodes[node] = LineageNode(
                id=node, kind="run", name=run.name, entity=run.path.entity, project=run.path.project, path=str(run.path),
                type=run.job_type or "", state=str(run.state),
            )  # fmt: skip
        source, target = (node, edge.artifact) if edge.role is Role.LOGGED else (edge.artifact, node)
        told = LineageEdge(source=source, target=target, step=edge.made.step, time=edge.made.time)
        graph.edges.setdefault((source, target), told)
        return True


def _in_place(view: ArtifactView, found: Member) -> ArtifactView:
    source = f"{found.artifact.collection.entity}/{found.artifact.collection.project}/{found.artifact.name}"
    return replace(
        view, entity=found.collection.entity, project=found.collection.project, name=found.collection.name,
        version=found.version, aliases=list(found.aliases), source=source if found.is_link else "",
    )  # fmt: skip
