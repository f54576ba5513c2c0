"""Which column of a file is which field, by the names that people give them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ticketing.custom_fields import PREFIX
from ticketing.models import CustomerField

CUSTOMERS = {
    "number": "고객번호 회원번호 고객ID 회원ID customernumber customerno customerid id number",
    "name": "이름 고객명 성명 회원명 name fullname customername",
    "email": "이메일 이메일주소 메일 email emailaddress mail",
    "phone": "전화번호 휴대폰 휴대폰번호 휴대전화 핸드폰 연락처 phone phonenumber mobile tel",
    "tier": "등급 회원등급 고객등급 tier grade level",
    "birthday": "생일 생년월일 birthday birthdate dateofbirth",
    "address": "주소 address",
    "locale": "언어 locale language",
    "preferred_channel": "선호채널 preferredchannel",
    "preferences": "선호사항 메모 preferences memo note",
    "owner": "전담상담원 전담상담사 담당자 담당 owner",
}
PURCHASES = {
    "order": "주문번호 ordernumber orderno orderid order",
    "number": "고객번호 회원번호 고객ID 회원ID customernumber customerno customerid customer",
    "amount": "금액 결제금액 주문금액 총금액 amount total",
    "currency": "통화 currency",
    "ordered_at": "주문일시 주문일 주문일자 결제일시 결제일 orderedat orderdate date",
    "status": "상태 주문상태 status",
    "refunded": "환불금액 환불액 refunded refund",
    "item": "상품명 상품 item product itemname productname",
    "quantity": "수량 quantity qty",
    "item_amount": "상품금액 itemamount",
    "sku": "상품코드 sku",
}
REQUIRED = {"customers": ("number", "email", "phone"), "purchases": ("order", "number", "amount")}


def fields(kind: str, own: Iterable[CustomerField] = ()) -> dict[str, list[str]]:
    """Every field that a column of this kind of file may be, with the names it goes by."""
    known = {
        field: names.split()
        for field, names in (CUSTOMERS if kind == "customers" else PURCHASES).items()
    }
    if kind == "customers":
        known |= {PREFIX + one.key: [one.key, one.name_ko, one.name_en] for one in own}
    return known


def guess(kind: str, columns: Sequence[str], own: Iterable[CustomerField] = ()) -> list[str]:
    """The field of each column, ``""`` for one that is none; no field twice."""
    names = {_plain(name): field for field, all in fields(kind, own).items() for name in all}
    found: list[str] = []
    for column in columns:
        field = names.get(_plain(column), "")
        found.append("" if field in found else field)
    return found


def kind_of(columns: Sequence[str]) -> str:
    """``purchases`` for a file with order numbers, else ``customers``."""
    return "purchases" if "order" in guess("purchases", columns) else "customers"


def has_key(columns: Sequence[str]) -> bool:
    """Whether these may be the names of columns: one of them finds a customer or an order."""
    return any(
        field in REQUIRED[kind] for kind in REQUIRED for field in guess(kind, columns) if field
    )


def _plain(name: str) -> str:
    return re.sub(r"[\s_\-./()]", "", name).lower()
