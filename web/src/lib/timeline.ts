/**
 * How a run's segments lie on its timeline: the line of the head is lane 0, straight from its first ancestor to its end; what was
 * left behind (the rest of a segment that was rewound, a start that was begun anew) branches off into lanes below. Pure.
 */

export interface SegmentLike {
  id: string;
  parent: string | null;
  parent_step: number | null;
  last_step: number | null;
  /** Path of the run that it was written for. */
  run: string;
}

/** A stretch of one segment on one lane. */
export interface Limb {
  segment: string;
  /** 0: the line of the head. */
  lane: number;
  from: number;
  to: number;
  /** The lane that it leaves at `from`; null if it begins by itself, or goes on where another one of its lane ended. */
  off: number | null;
  /** Written for another run, from which this one was forked. */
  foreign: boolean;
}

export interface Layout {
  limbs: Limb[];
  lanes: number;
  /** The largest step of all lanes. */
  last: number;
}

interface Link<S> {
  segment: S;
  /** The last step that is seen of it; null: all. */
  limit: number | null;
}

/** The segments that lead to `head`, the oldest first, each with the last step that is seen of it. */
export function chainOf<S extends SegmentLike>(segments: readonly S[], head: string): Link<S>[] {
  const byId = new Map(segments.map((segment) => [segment.id, segment]));
  const found: Link<S>[] = [];
  let limit: number | null = null;
  let at = byId.get(head);
  while (at && found.length < byId.size) {
    found.push({ segment: at, limit });
    if (at.parent_step !== null) limit = limit === null ? at.parent_step : Math.min(limit, at.parent_step);
    at = at.parent === null ? undefined : byId.get(at.parent);
  }
  return found.toReversed();
}

/** The largest step in the history that ends in `head`; null if it has none. */
export function lastStepOf(segments: readonly SegmentLike[], head: string): number | null {
  let last: number | null = null;
  for (const { segment, limit } of chainOf(segments, head)) {
    if (segment.last_step !== null) last = Math.max(last ?? 0, limit === null ? segment.last_step : Math.min(segment.last_step, limit));
  }
  return last;
}

export function layOut(segments: readonly SegmentLike[], head: string, own: string, now = 0): Layout {
  const main = headLine(segments, head, own);
  const limbs = [...main, ...sideLimbs(segments, head, own)];
  // A live run's head may be further than its segment says.
  const tip = main.at(-1);
  if (tip && now > tip.to) tip.to = now;
  const last = limbs.reduce((most, limb) => Math.max(most, limb.to), 0);
  stack(limbs.slice(main.length), last);
  return { limbs, lanes: 1 + limbs.reduce((most, limb) => Math.max(most, limb.lane), 0), last };
}

function headLine(segments: readonly SegmentLike[], head: string, own: string): Limb[] {
  let from = 0;
  return chainOf(segments, head).map(({ segment, limit }) => {
    const to = Math.max(from, limit ?? segment.last_step ?? from);
    const limb = { segment: segment.id, lane: 0, from, to, off: null, foreign: segment.run !== own };
    from = to;
    return limb;
  });
}

/** What is not on the head's line: limbs whose `lane` is still to be found; `off` is 0 where they leave the head's line. */
function sideLimbs(segments: readonly SegmentLike[], head: string, own: string): Side[] {
  const limits = new Map(chainOf(segments, head).map(({ segment, limit }) => [segment.id, limit]));
  const known = new Set(segments.map((segment) => segment.id));
  const needed = neededOf(segments, own);
  const found: Side[] = [];
  for (const segment of segments) {
    const foreign = segment.run !== own;
    const end = foreign ? (needed.get(segment.id) ?? null) : segment.last_step;
    const limit = limits.get(segment.id);
    const side = { segment: segment.id, lane: -1, foreign };
    if (limit === undefined) {
      if (foreign && end === null) continue;
      const from = segment.parent_step ?? 0;
      const parent = segment.parent !== null && known.has(segment.parent) ? segment.parent : null;
      const parentLimit = parent === null ? undefined : limits.get(parent);
      const leavesHead = parent !== null && parentLimit !== undefined && (parentLimit === null || from <= parentLimit);
      found.push({ ...side, from, to: Math.max(from, end ?? from), off: leavesHead ? 0 : null, parent: leavesHead ? null : parent });
    } else if (limit !== null && end !== null && end > limit) {
      found.push({ ...side, from: Math.max(0, limit), to: end, off: 0, parent: null });
    }
  }
  return found;
}

interface Side extends Limb {
  /** The segment whose side limb it leaves. */
  parent: string | null;
}

/** Of segments of other runs, only what this run's own ones begin with is its business. */
function neededOf(segments: readonly SegmentLike[], own: string): Map<string, number> {
  const byId = new Map(segments.map((segment) => [segment.id, segment]));
  const needed = new Map<string, number>();
  for (const segment of segments) {
    if (segment.run !== own) continue;
    let [at, step] = [segment as SegmentLike | undefined, Infinity];
    for (let hops = 0; at && hops <= byId.size; hops++) {
      step = Math.min(step, at.parent_step ?? Infinity);
      at = at.parent === null ? undefined : byId.get(at.parent);
      if (at && at.run !== own && step !== Infinity) needed.set(at.id, Math.max(needed.get(at.id) ?? 0, step));
    }
  }
  return needed;
}

/** Gives each side limb the uppermost lane with room; those that leave latest come first, so that no link crosses a lane. */
function stack(limbs: Limb[], last: number): void {
  const sides = limbs as Side[];
  const gap = last * 0.012;
  const taken: [number, number][][] = [];
  const byParent = new Map<string | null, Side[]>();
  for (const side of sides) byParent.set(side.parent, [...(byParent.get(side.parent) ?? []), side]);
  const waiting = [{ sides: byParent.get(null) ?? [], above: null as Side | null }];
  for (let group = waiting.shift(); group; group = waiting.shift()) {
    const { above } = group;
    for (const side of group.sides.toSorted((a, b) => b.from - a.from || a.to - b.to)) {
      if (above) side.off = above.lane;
      side.lane = above ? above.lane + 1 : 1;
      while (taken[side.lane]?.some(([from, to]) => side.from <= to + gap && from <= side.to + gap)) side.lane += 1;
      (taken[side.lane] ??= []).push([side.from, side.to]);
      const children = byParent.get(side.segment);
      if (children) waiting.push({ sides: children, above: side });
    }
  }
}

/** The limb that shows a step of a segment. */
export function limbAt(layout: Layout, segment: string, step: number): Limb | undefined {
  const own = layout.limbs.filter((limb) => limb.segment === segment);
  return own.find((limb) => limb.from <= step && step <= limb.to) ?? own[0];
}

/** The segment of a chain that a step was written in. */
export function segmentAt<S extends SegmentLike>(chain: readonly Link<S>[], step: number): S | undefined {
  return (chain.find(({ limit }) => limit === null || step <= limit) ?? chain.at(-1))?.segment;
}

/** The times that a segment was gone on with: later than it began, each step once however many writers went on together. */
export function resumesOf<T extends { step: number; fenced: boolean }>(sessions: readonly T[]): T[] {
  const first = sessions.reduce((least, one) => Math.min(least, one.step), Infinity);
  const found = new Map<number, T>();
  for (const one of sessions) if (one.step > first && !one.fenced && !found.has(one.step)) found.set(one.step, one);
  return [...found.values()];
}

export interface Cluster<T> {
  step: number;
  items: T[];
}

/** Things with a place on the axis, those too close to be told apart together: at most `cells` clusters. */
export function cluster<T>(items: readonly T[], stepOf: (item: T) => number, last: number, cells = 160): Cluster<T>[] {
  const found = new Map<number, Cluster<T>>();
  for (const item of items) {
    const cell = Math.floor((stepOf(item) / Math.max(1, last)) * cells);
    const there = found.get(cell);
    if (there) there.items.push(item);
    else found.set(cell, { step: stepOf(item), items: [item] });
  }
  return [...found.values()];
}

/** Round steps for the labels of an axis from 0 to `last`, at most about `count` of them. */
export function axisSteps(last: number, count = 8): number[] {
  if (last < 1) return [0];
  const rough = last / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const gap = Math.max(1, [1, 2, 5, 10].map((digit) => digit * power).find((one) => one >= rough) ?? 1);
  const found = Array.from({ length: Math.floor(last / gap) + 1 }, (_, index) => index * gap);
  // The end has its own label; one that would touch it gives way.
  return [...found.filter((one) => last - one > gap * 0.6), last];
}
