"""A notice by mail: over STARTTLS, in plain text and HTML, under a Message-ID that is the same at every attempt."""

from __future__ import annotations

import asyncio
import ssl
from email.errors import MessageError
from email.headerregistry import Address as MailAddress
from email.message import EmailMessage

import aiosmtplib

from schemas.notices import FailReason
from services.notices.outcome import ACCEPTED, Outcome, failed
from services.notices.sending.words import Message
from services.notices.settings import NoticesSettings


class Mail:
    """Sends by one SMTP server; without TLS only where that was said on purpose."""

    def __init__(self, settings: NoticesSettings) -> None:
        self._settings = settings
        self._tls = ssl.create_default_context(cafile=settings.smtp_ca or None)

    async def send(self, to: str, message: Message, delivery_id: str, *, is_acute: bool) -> Outcome:
        """One attempt, bounded as a whole. That the server took it does not mean that it arrived."""
        settings = self._settings
        if not settings.smtp_host:
            return failed(FailReason.ADDRESS_NOT_ALLOWED)
        try:
            mail = compose(settings.smtp_from, to, message, delivery_id, is_acute=is_acute)
        except (ValueError, IndexError, MessageError):  # how the library says that it is no mailbox
            return failed(FailReason.ADDRESS_REFUSED)
        client = aiosmtplib.SMTP(
            hostname=settings.smtp_host,
            port=settings.smtp_port,
            use_tls=False,
            start_tls=None if settings.smtp_plain else True,
            tls_context=self._tls,
            timeout=settings.send_within_s,
            username=settings.smtp_user or None,
            password=settings.smtp_password or None,
        )
        try:
            async with asyncio.timeout(settings.send_within_s), client:
                await client.send_message(mail)
        except (aiosmtplib.SMTPException, TimeoutError, OSError) as error:
            return outcome_of(error)
        return ACCEPTED


def compose(sender: str, to: str, message: Message, delivery_id: str, *, is_acute: bool) -> EmailMessage:
    """The mail itself. `Auto-Submitted` keeps out-of-office answers from being sent to it (RFC 3834)."""
    mail = EmailMessage()
    mail["From"] = MailAddress("Seinhuis", addr_spec=sender)
    mail["To"] = MailAddress(addr_spec=to)
    mail["Subject"] = message.subject
    mail["Message-ID"] = f"<{delivery_id}@{sender.rpartition('@')[2] or 'seinhuis'}>"
    mail["Auto-Submitted"] = "auto-generated"
    if is_acute:
        mail["Importance"] = "high"
    mail.set_content(message.text)
    mail.add_alternative(message.html, subtype="html")
    return mail


def outcome_of(error: BaseException) -> Outcome:
    """What a failure means: whether this address will ever do, this server, or a later attempt."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return _by_code(max((one.code for one in error.recipients), default=550), FailReason.ADDRESS_REFUSED)
    if isinstance(error, aiosmtplib.SMTPRecipientRefused):
        return _by_code(error.code, FailReason.ADDRESS_REFUSED)
    if isinstance(error, aiosmtplib.SMTPResponseException) and error.code >= 0:
        is_ours = isinstance(error, aiosmtplib.SMTPAuthenticationError)
        return _by_code(error.code, FailReason.OWN_SIDE if is_ours else FailReason.REJECTED)
    if isinstance(error, aiosmtplib.SMTPTimeoutError | TimeoutError):
        return failed(FailReason.TIMED_OUT)
    is_tls = isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError)
    is_refused = isinstance(error, aiosmtplib.SMTPException) and "STARTTLS" in str(error).upper()
    return failed(FailReason.TLS_FAILED if is_tls or is_refused else FailReason.UNREACHABLE)


def _by_code(code: int, for_good: FailReason) -> Outcome:
    """An answer of 4xx may be another one later."""
    return failed(FailReason.SERVER_FAILED if 400 <= code < 500 else for_good)
