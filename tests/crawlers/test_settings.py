"""Scrapy's settings under ours: what must be off is off, and every part of ours is one that Scrapy finds."""

from __future__ import annotations

import re
from importlib.metadata import version
from pathlib import Path

import pytest
from scrapy.settings import Settings
from scrapy.utils.conf import build_component_list
from scrapy.utils.misc import load_object

import crawlers
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


SWITCHES = {
    "RetryMiddleware": "RETRY_ENABLED", "MetaRefreshMiddleware": "METAREFRESH_ENABLED",
    "RedirectMiddleware": "REDIRECT_ENABLED", "CookiesMiddleware": "COOKIES_ENABLED",
    "HttpProxyMiddleware": "HTTPPROXY_ENABLED", "HttpCacheMiddleware": "HTTPCACHE_ENABLED",
    "TelnetConsole": "TELNETCONSOLE_ENABLED", "RemoteControl": "REMOTE_CONTROL_ENABLED",
    "MemoryDebugger": "MEMDEBUG_ENABLED", "AutoThrottle": "AUTOTHROTTLE_ENABLED", "FeedExporter": "FEEDS",
    "SpiderState": "JOBDIR",
}  # fmt: skip
"""Part of Scrapy's that refuses to be built → while this setting is false or empty."""


def enabled(name: str) -> set[str]:
    """Parts of a kind that are on: listed, and not switched off."""
    settings = made()
    listed = {path.rpartition(".")[2] for path in build_component_list(settings.getwithbase(name))}
    return {part for part in listed if part not in SWITCHES or settings[SWITCHES[part]]}


def test_only_parts_that_were_thought_about_are_on() -> None:
    """A part that a later Scrapy switches on by default fails here first."""
    assert enabled("DOWNLOADER_MIDDLEWARES") - {"Recorder"} == {
        "Gate", "DownloadTimeoutMiddleware", "DefaultHeadersMiddleware", "UserAgentMiddleware",
        "HttpCompressionMiddleware", "DownloaderStats",
    }  # fmt: skip
    assert enabled("SPIDER_MIDDLEWARES") == {
        "StartSpiderMiddleware", "HttpErrorMiddleware", "MetaCopyDetectionMiddleware"
    }  # fmt: skip
    assert enabled("EXTENSIONS") == {"Throttle", "CloseSpider"}  # the latter's limits are all 0
    assert made().getdict("ITEM_PIPELINES") == {}


PAST_FIXES = {
    # release notes of Scrapy: what went wrong → what of ours keeps it from mattering
    "1.5.2: the telnet console ran what a web page made a browser send": {"TelnetConsole"},
    "2.14: remote control listens and obeys": {"RemoteControl"},
    "1.8.1, 2.5.1: http_user and http_pass went to every host": {"HttpAuthMiddleware"},
    "1.8.2, 2.6.0: cookies went along on redirects to other domains": {"CookiesMiddleware", "RedirectMiddleware"},
    "1.8.2, 2.6.0: cookies could be set for whole public suffixes": {"CookiesMiddleware"},
    "1.8.3, 2.6.2: a proxy's credentials went along with another proxy": {"HttpProxyMiddleware"},
    "1.8.4, 2.11.1: Authorization went along on redirects to other domains": {"RedirectMiddleware"},
    "2.11.2: Authorization went along to another scheme or port": {"RedirectMiddleware"},
    "2.11.2: a proxy was used for a scheme that it was not set for": {"HttpProxyMiddleware", "RedirectMiddleware"},
    "2.11.2: redirects led to file: and other schemes": {"RedirectMiddleware", "MetaRefreshMiddleware"},
    "2.14.2: a Referrer-Policy header named Python to be run": {"RefererMiddleware"},
    "the offsite filter was passed by redirects": {"OffsiteMiddleware", "RedirectMiddleware"},
    "the HTTP cache unpickles what is in its folder": {"HttpCacheMiddleware"},
}


@pytest.mark.parametrize(("fixed", "parts"), PAST_FIXES.items())
def test_what_scrapy_had_to_fix_is_not_there_at_all(fixed: str, parts: set[str]) -> None:
    on = enabled("DOWNLOADER_MIDDLEWARES") | enabled("SPIDER_MIDDLEWARES") | enabled("EXTENSIONS")
    assert not on & parts, fixed


def test_what_scrapy_had_to_fix_and_stays_on_is_bounded() -> None:
    settings = made()
    # 2.11.1 and 2.13.4: bombs in gzip, deflate and then brotli; tests/crawlers/test_bombs.py measures them
    assert 0 < settings.getint("DOWNLOAD_MAXSIZE") <= 8 * 2**20
    assert tuple(map(int, version("brotli").split(".")[:2])) >= (1, 2)
    # 2.11.1: XMLFeedSpider's regular expressions; Sitemaps' entities: ours are read by crawlers.listings alone
    for path in (Path(crawlers.__file__).parent).rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"XMLFeedSpider|CSVFeedSpider|iternodes|import pickle|yaml|eval\(", text)
    # file:, data:, ftp: and s3: have no handler, whatever leads to them
    handlers = {k: v for k, v in settings.getwithbase("DOWNLOAD_HANDLERS").items() if v is not None}
    assert set(handlers) == {"http", "https"}
    # requests are not kept as pickles between runs
    assert settings["JOBDIR"] is None
    # no answer is read whose certificate does not fit; a proxy of the environment has no say
    assert settings.getbool("DOWNLOAD_VERIFY_CERTIFICATES")
    assert not settings.getbool("HTTPPROXY_ENABLED")
    # a name is asked for anew by every crawl, and what it resolves to judged at each connection
    assert settings["TWISTED_DNS_RESOLVER"] == "crawlers.guard.Guard"
    assert not settings.getbool("DNSCACHE_ENABLED")
