/** Repairs one file, or only reports that it would; `work` resolves to what it did. */
export type RepairFile = (file: string, why: string, work: () => Promise<string>) => Promise<void>
