/** Light or dark: what the system says, unless a person chose. */

import { computed, effect, signal } from "@preact/signals";
import { recall, remember } from "./storage";

export type Choice = "system" | "light" | "dark";

const preference = window.matchMedia("(prefers-color-scheme: dark)");
const systemDark = signal(preference.matches);
preference.addEventListener("change", (event) => {
  systemDark.value = event.matches;
});

const stored = recall("theme");
/** What was chosen. */
export const choice = signal<Choice>(stored === "light" || stored === "dark" ? stored : "system");
/** What is shown. */
export const theme = computed<"light" | "dark">(() =>
  choice.value === "system" ? (systemDark.value ? "dark" : "light") : choice.value,
);

effect(() => {
  document.documentElement.dataset["theme"] = theme.value;
});

export function setTheme(next: Choice): void {
  choice.value = next;
  remember("theme", next === "system" ? null : next);
}

/** Switch between light and dark; what equals the system's is following the system again. */
export function switchTheme(): void {
  const next = theme.value === "dark" ? "light" : "dark";
  setTheme((next === "dark") === systemDark.value ? "system" : next);
}
