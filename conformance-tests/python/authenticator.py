"""An authenticator app: it reads a device's seed and makes its codes, by another implementation than the server's."""

import time

import pyotp

STEP = 30


class Authenticator:
    """One device, as its owner holds it."""

    def __init__(self, serial, seed):
        self.serial = serial
        self.totp = pyotp.TOTP(seed.decode() if isinstance(seed, bytes) else seed)

    @staticmethod
    def of(iam, name, **more):
        """Makes a device and takes its seed."""
        made = iam.create_virtual_mfa_device(VirtualMFADeviceName=name, **more)["VirtualMFADevice"]
        return Authenticator(made["SerialNumber"], made["Base32StringSeed"])

    def code(self, steps=0, ahead=0):
        """The code that many steps from now, by a clock that many seconds ahead of real time."""
        return self.totp.at(time.time() + ahead, counter_offset=steps)

    def pair(self, steps=0, ahead=0):
        """Two codes in a row, the second that many steps from now."""
        return {"AuthenticationCode1": self.code(steps - 1, ahead), "AuthenticationCode2": self.code(steps, ahead)}

    def enable(self, iam, user, **more):
        iam.enable_mfa_device(UserName=user, SerialNumber=self.serial, **self.pair(**more))
        return self

    def factor(self, steps=0, ahead=0):
        """The two parameters of a session with a second factor."""
        return {"SerialNumber": self.serial, "TokenCode": self.code(steps, ahead)}
