/** Point clouds: what a file has, and where its points are on a screen. */

import { isObject } from "./media";

/** x, y, z and colour of each point, one after the other. */
export interface Cloud {
  points: Float32Array;
  colours: Uint8Array;
}

const MAX_SHOWN = 50_000;
const CATEGORIES = [[91, 95, 199], [230, 159, 0], [86, 180, 233], [0, 158, 115], [240, 128, 66], [0, 114, 178], [213, 94, 0], [204, 121, 167]] as const;

/** Of a list of points or a scene; more than can be shown are left out evenly. The cloud lies around 0, within 1. */
export function toCloud(told: unknown): Cloud {
  const listed = isObject(told) ? told["points"] : told;
  const all: number[][] = Array.isArray(listed) ? listed.filter((point): point is number[] => Array.isArray(point) && point.length >= 3) : [];
  const every = Math.max(1, Math.ceil(all.length / MAX_SHOWN));
  const shown = all.filter((_, at) => at % every === 0);
  const points = new Float32Array(shown.length * 3);
  const colours = new Uint8Array(shown.length * 3);
  const sides = [0, 1, 2].map((axis) => {
    const values = shown.map((point) => Number(point[axis]));
    const low = values.reduce((least, value) => Math.min(least, value), Infinity);
    return { low, high: values.reduce((most, value) => Math.max(most, value), -Infinity) };
  });
  const size = Math.max(...sides.map(({ low, high }) => high - low), 1e-9) / 2;
  shown.forEach((point, at) => {
    points.set(sides.map(({ low, high }, axis) => (Number(point[axis]) - (low + high) / 2) / size), at * 3);
    colours.set(point.length >= 6 ? point.slice(3, 6) : (CATEGORIES[Math.abs(point[3] ?? 0) % CATEGORIES.length] ?? CATEGORIES[0]), at * 3);
  });
  return { points, colours };
}

/** The screen's x and y (from -1 to 1) and the depth of a point, turned by two angles. */
export function project(x: number, y: number, z: number, turn: number, tilt: number): [number, number, number] {
  const [across, deep] = [x * Math.cos(turn) - y * Math.sin(turn), x * Math.sin(turn) + y * Math.cos(turn)];
  const [up, far] = [z * Math.cos(tilt) - deep * Math.sin(tilt), z * Math.sin(tilt) + deep * Math.cos(tilt)];
  const near = 3 / (3 + far);
  return [across * near, -up * near, far];
}
