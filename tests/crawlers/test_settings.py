"""Scrapy's settings under ours: what must be off is off, and every part of ours is one that Scrapy finds."""

from __future__ import annotations

from scrapy.settings import Settings
from scrapy.utils.misc import load_object

from crawlers.settings import Config, agent, scrapy_settings


def made(**values: object) -> Settings:
    return Settings(scrapy_settings(Config(**values)))  # type: ignore[arg-type]


def test_what_listens_pickles_or_reaches_elsewhere_is_off() -> None:
    settings = made()
    for name in ("TELNETCONSOLE_ENABLED", "REMOTE_CONTROL_ENABLED", "HTTPCACHE_ENABLED", "HTTPPROXY_ENABLED",
                 "COOKIES_ENABLED", "REDIRECT_ENABLED", "METAREFRESH_ENABLED", "RETRY_ENABLED"):  # fmt: skip
        assert settings.getbool(name) is False
    handlers = {k for k, v in settings.getwithbase("DOWNLOAD_HANDLERS").items() if v is not None}
    assert handlers == {"http", "https"}
    assert settings.getbool("DOWNLOAD_VERIFY_CERTIFICATES")
    assert settings["JOBDIR"] is None
    assert settings.getfloat("DOWNLOAD_DELAY_JITTER") == 0


def test_every_part_is_there() -> None:
    settings = made()
    parts = [settings["TWISTED_DNS_RESOLVER"], settings["SCHEDULER"]]
    for name in ("DOWNLOADER_MIDDLEWARES", "SPIDER_MIDDLEWARES", "EXTENSIONS"):
        parts += [path for path, order in settings.getdict(name).items()]
    for path in parts:
        assert load_object(path)


def test_the_user_agent_says_whom_to_ask() -> None:
    assert agent(Config(contact="crawler@example.org")) == "kinsong (+crawler@example.org)"
    assert agent(Config()) == "kinsong"


def test_every_setting_is_explained() -> None:
    assert all(field.description for field in Config.model_fields.values())
