/** Units of system metrics (src/playhead/sidecar/machine.py and gpu.py). */

const units: Record<string, string> = {
  cpu: "%", "cpu.process": "% of a core", memory: "%", "memory.process": "MiB", "disk.used": "%",
  "disk.read": "MB/s", "disk.write": "MB/s", "network.sent": "MB/s", "network.recv": "MB/s",
  util: "%", "gpu.memory": "%", temperature: "°C", power: "W",
};

/** The unit of a system metric; empty for counts and for what is not known here. */
export function unitOf(key: string): string {
  const gpu = /^gpu\.\d+\.(\w+)$/.exec(key)?.[1];
  const name = gpu === "memory" ? "gpu.memory" : (gpu ?? key);
  return Object.hasOwn(units, name) ? (units[name] as string) : "";
}
