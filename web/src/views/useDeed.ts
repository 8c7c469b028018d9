/** Something that is done at a click, and what was said against it the last time. */

import { useState } from "preact/hooks";
import { messageOf } from "../lib/message";

export interface Deed {
  problem: string | null;
  /** Whether it went well. */
  attempt(deed: () => Promise<unknown>): Promise<boolean>;
}

export function useDeed(): Deed {
  const [problem, setProblem] = useState<string | null>(null);
  const attempt = async (deed: () => Promise<unknown>): Promise<boolean> => {
    try {
      await deed();
      setProblem(null);
      return true;
    } catch (error) {
      setProblem(messageOf(error));
      return false;
    }
  };
  return { problem, attempt };
}
