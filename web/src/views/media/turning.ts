/** The keys that turn what is drawn in three dimensions: how far around, how far up or down, how much nearer. */
const TURNS: Record<string, [number, number, number]> = {
  ArrowLeft: [-0.1, 0, 1], ArrowRight: [0.1, 0, 1], ArrowUp: [0, -0.1, 1], ArrowDown: [0, 0.1, 1], "+": [0, 0, 1.1], "-": [0, 0, 1 / 1.1],
};

/** Does what a key is for, and keeps it from moving the playhead. */
export function onTurn(move: (turn: number, tilt: number, zoom: number) => void): (event: KeyboardEvent) => void {
  return (event) => {
    const step = TURNS[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    move(...step);
  };
}
