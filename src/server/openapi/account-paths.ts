/** The account and device API (src/protocol/account.ts). */
import { inPath, operation, type Paths, unkept } from './operation.ts';

const tag = 'Accounts';

const clientId = inPath('clientId', 'Id of a device of the caller’s book.');

export const accountPaths: Paths = {
  '/v1/health': {
    get: operation({
      id: 'health',
      summary: 'Whether the server and its database answer',
      tag,
      access: 'anyone',
      answers: { 200: unkept('Health', 'They do.') },
    }),
  },
  '/v1/server': {
    get: operation({
      id: 'server',
      summary: 'What this server is, and whether it has an owner',
      tag,
      access: 'anyone',
      answers: { 200: unkept('ServerInfo', 'A Daybook server.') },
    }),
  },
  '/v1/time': {
    get: operation({
      id: 'time',
      summary: 'The server’s clock, Unix milliseconds',
      tag,
      access: 'anyone',
      answers: { 200: unkept('ServerTime', 'Its time when it answered.') },
    }),
  },
  '/v1/claim': {
    post: operation({
      id: 'claim',
      summary: 'Become the owner’s first device, or one more with a setup code',
      description:
        'Needs the setup code, or a connection from this very machine to a server that nobody owns. The same device may ask again for ten minutes, so a lost answer locks nobody out.',
      tag,
      access: 'anyone',
      body: { schema: 'ClaimRequest', required: true },
      answers: { 200: unkept('Membership', 'The device and its token.') },
      refusals: [409],
    }),
  },
  '/v1/join': {
    post: operation({
      id: 'join',
      summary: 'Spend a one-time code',
      description: 'The same device may ask again until the code expires, so a lost answer locks nobody out.',
      tag,
      access: 'anyone',
      body: { schema: 'JoinRequest', required: true },
      answers: { 200: unkept('Membership', 'The device and its token.') },
      refusals: [409],
    }),
  },
  '/v1/token': {
    post: operation({
      id: 'renewToken',
      summary: 'A fresh token for the device that asks',
      description:
        'The token that asked stays good until the fresh one is first used; from then on the fresh one is the device’s only one, and what the old one has open ends. Asked again before that, the earlier answer’s token is worth nothing.',
      tag,
      access: 'device',
      answers: { 200: unkept('RenewedToken', 'The fresh token.') },
    }),
  },
  '/v1/links': {
    post: operation({
      id: 'createLink',
      summary: 'A one-time code for another device, or for another person',
      description: 'Codes for another person are the owner’s to make.',
      tag,
      access: 'device',
      body: { schema: 'LinkRequest', required: true },
      answers: { 201: unkept('Link', 'The code, good for two minutes and one device.') },
    }),
  },
  '/v1/devices': {
    get: operation({
      id: 'devices',
      summary: 'The devices of the caller’s book',
      tag,
      access: 'device',
      answers: { 200: unkept('DeviceList', 'All of them, revoked ones included.') },
    }),
  },
  '/v1/devices/{clientId}': {
    patch: operation({
      id: 'renameDevice',
      summary: 'Rename a device: one of the caller’s, or any for the owner',
      tag,
      access: 'device',
      parameters: [clientId],
      body: { schema: 'DeviceName', required: true },
      answers: { 200: unkept('Device', 'The device under its new name.') },
      refusals: [404],
    }),
    delete: operation({
      id: 'revokeDevice',
      summary: 'Revoke a device: one of the caller’s, or any for the owner',
      description: 'Its tokens stop working, its live connections and the links it made end at once.',
      tag,
      access: 'device',
      parameters: [clientId],
      answers: { 204: { description: 'It has no access any more.' } },
      refusals: [404],
    }),
  },
};
