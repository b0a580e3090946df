// In a project of your own this file is not needed: `connect` finds the transports that you have installed by itself. In this work
// tree they lie beside the examples, where it does not look, so they are named here.
import '@train-ts/transport-awsssm/register'
import '@train-ts/transport-serial/register'
import '@train-ts/transport-ssh/register'
import '@train-ts/transport-winrm/register'
