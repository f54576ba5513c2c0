"""The tables, with their constraints and the reason for each; a file for each noun."""

from ticketing.models.access import Access
from ticketing.models.agent import Agent, AgentChange, AgentToken, SlackLink
from ticketing.models.base import Base
from ticketing.models.conversation import (
    Attachment,
    AttachmentContent,
    Conversation,
    Delivery,
    Message,
)
from ticketing.models.customer import (
    ChannelIdentity,
    ChatSession,
    CodeRequest,
    Customer,
    CustomerLink,
    LinkCode,
    LinkRefusal,
)
from ticketing.models.customer_import import CustomerImport, CustomerImportRow
from ticketing.models.erasure import Erasure
from ticketing.models.field_change import FieldChange
from ticketing.models.lane import Job, Lane, SendSlot
from ticketing.models.macro import Macro
from ticketing.models.purchase import Purchase, PurchaseChange, PurchaseItem
from ticketing.models.queue import Contact, DayOff, Duty, Opening, Policy, Target, Team, ValuePolicy
from ticketing.models.record import Claim, Consent, CustomerChange, CustomerField
from ticketing.models.retention import Purge, Retention
from ticketing.models.survey import Csat, Nps, Recovery, Survey, SurveyPolicy
from ticketing.models.ticket import TagRule, Ticket, TicketLink, TicketTag, TicketThread

__all__ = [
    "Access",
    "Agent",
    "AgentChange",
    "AgentToken",
    "Attachment",
    "AttachmentContent",
    "Base",
    "ChannelIdentity",
    "ChatSession",
    "Claim",
    "CodeRequest",
    "Consent",
    "Contact",
    "Conversation",
    "Csat",
    "Customer",
    "CustomerChange",
    "CustomerField",
    "CustomerImport",
    "CustomerImportRow",
    "CustomerLink",
    "DayOff",
    "Delivery",
    "Duty",
    "Erasure",
    "FieldChange",
    "Job",
    "Lane",
    "LinkCode",
    "LinkRefusal",
    "Macro",
    "Message",
    "Nps",
    "Opening",
    "Policy",
    "Purchase",
    "PurchaseChange",
    "PurchaseItem",
    "Purge",
    "Recovery",
    "Retention",
    "SendSlot",
    "SlackLink",
    "Survey",
    "SurveyPolicy",
    "TagRule",
    "Target",
    "Team",
    "Ticket",
    "TicketLink",
    "TicketTag",
    "TicketThread",
    "ValuePolicy",
]
