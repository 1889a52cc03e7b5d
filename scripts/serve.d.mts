import type { Server } from "node:http";

export function createStaticServer(folder: string): Server;
export function listen(server: Server, from: number, fixed: boolean): Promise<number>;
