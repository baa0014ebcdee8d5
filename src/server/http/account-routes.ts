/** The account and device API; its contract is src/protocol/account.ts. */
import { Hono } from 'hono';
import { type ClientId, parseId } from '../../core/ids.ts';
import {
  ClaimRequest,
  type Device,
  type DeviceList,
  DeviceName,
  JoinRequest,
  LinkRequest,
  type Membership,
  type RenewedToken,
  type ServerInfo,
  type ServerTime,
} from '../../protocol/account.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import { limitAddress, requireDevice, requireOwner, unauthorized } from '../auth/access.ts';
import type { EntryError } from '../auth/accounts.ts';
import type { Caller } from '../auth/caller.ts';
import type { Context } from '../context.ts';
import { addressOf, isLoopback } from './address.ts';
import { makeStream } from './book-routes.ts';
import type { Env } from './env.ts';
import { readJson } from './json-body.ts';
import { notFound, Refusal } from './refusal.ts';

const NO_STORE = { 'Cache-Control': 'no-store' };

export function accountRoutes(context: Context): Hono<Env> {
  const { accounts, config, connections, devices, now, rates } = context;
  const routes = new Hono<Env>();
  const onlyDevices = requireDevice(context);
  const anybody = limitAddress(context);

  routes.get('/v1/health', anybody, (c) => {
    context.checkHealth();
    return c.json({ ok: true }, 200, NO_STORE);
  });

  routes.get('/v1/server', anybody, (c) => {
    const claimed = accounts.isClaimed();
    const info: ServerInfo = {
      product: 'daybook',
      protocol: PROTOCOL_VERSION,
      claimed,
      claimableHere: !claimed && isLoopback(c.env.incoming, config.behindProxy),
    };
    return c.json(info, 200, NO_STORE);
  });

  routes.get('/v1/time', anybody, (c) => {
    const time: ServerTime = { millis: now() };
    return c.json(time, 200, NO_STORE);
  });

  routes.post('/v1/claim', anybody, async (c) => {
    const address = addressOf(c.env.incoming, config.behindProxy);
    const request = await readJson(c, ClaimRequest);
    const membership = await rates.guess(address, () =>
      accounts.claim(request, isLoopback(c.env.incoming, config.behindProxy)),
    );
    return c.json(await admit(membership), 200, NO_STORE);
  });

  routes.post('/v1/join', anybody, async (c) => {
    const address = addressOf(c.env.incoming, config.behindProxy);
    const request = await readJson(c, JoinRequest);
    const membership = await rates.guess(address, () => accounts.join(request));
    return c.json(await admit(membership), 200, NO_STORE);
  });

  routes.post('/v1/token', onlyDevices, async (c) => {
    const token = await accounts.renewToken(c.var.caller);
    if (token === null) throw unauthorized();
    const renewed: RenewedToken = { token };
    return c.json(renewed, 200, NO_STORE);
  });

  routes.post('/v1/links', onlyDevices, async (c) => {
    const request = await readJson(c, LinkRequest);
    if (request.for === 'person') requireOwner(c.var.caller, 'invite people');
    return c.json(await accounts.createLink(c.var.caller, request), 201, NO_STORE);
  });

  routes.get('/v1/devices', onlyDevices, (c) => {
    const list: DeviceList = { devices: devices.list(c.var.caller) };
    return c.json(list, 200, NO_STORE);
  });

  routes.patch('/v1/devices/:clientId', onlyDevices, async (c) => {
    const device = own(c.var.caller, c.req.param('clientId'));
    const { name } = await readJson(c, DeviceName);
    await devices.rename(device.clientId, name);
    return c.json({ ...device, name }, 200, NO_STORE);
  });

  routes.delete('/v1/devices/:clientId', onlyDevices, async (c) => {
    const device = own(c.var.caller, c.req.param('clientId'));
    await devices.revoke(device.clientId);
    connections.end(device.clientId);
    return c.body(null, 204);
  });

  /** A device that the caller may change: one of their own, or any for the owner. */
  function own(caller: Caller, id: string): Device {
    const clientId = parseId<ClientId>(id);
    const device = clientId && devices.find(caller, clientId);
    if (!device) throw notFound('There is no such device.');
    if (device.userId !== caller.userId) requireOwner(caller, "change other people's devices");
    return device;
  }

  async function admit(entry: Entry): Promise<Membership> {
    if (!entry.ok) throw ENTRY_REFUSALS[entry.error]();
    // Whatever an earlier token of the device has open ends with it.
    connections.end(entry.value.clientId);
    await makeStream(context.streams, entry.value.bookId);
    return entry.value;
  }

  return routes;
}

type Entry = Awaited<ReturnType<Context['accounts']['claim']>>;

const ENTRY_REFUSALS: Readonly<Record<EntryError, () => Refusal>> = {
  wrongCode: () =>
    new Refusal(403, 'wrongCode', 'This code is not valid, or not any more. Ask for a new one and try again.'),
  claimed: () => new Refusal(409, 'conflict', 'This server has an owner already. Link this device from one of theirs.'),
  deviceTaken: () => new Refusal(409, 'conflict', "This device's id is in use by another person on this server."),
  nameNeeded: () => new Refusal(400, 'badRequest', 'person: expected a name, since this link invites somebody new.'),
};
