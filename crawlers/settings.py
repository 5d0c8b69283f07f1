"""The `[crawl]` settings, and the Scrapy settings made from them: secure values first, each with its reason."""

from __future__ import annotations

from typing import Any

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

from db import base

OPENED = "KINSONG_OPENED_HOSTS"
"""Scrapy setting: the hosts (host or host:port) that the guard lets be private."""


class Config(base.Config):
    """How the crawler behaves towards the web."""

    contact: str = ""
    """An e-mail address or a page about your crawler, sent with every request; nothing but hosts that were added
    with --allow-private is fetched until it is filled in."""
    user_agent: str = Field("kinsong", pattern=r"^[A-Za-z_-]+$")
    """Product name sent with every request, and the name that robots.txt rules are looked up under."""
    delay: NonNegativeFloat = 1.0
    """Least seconds between two requests to one host; a robots crawl-delay or a slow host makes it longer."""
    max_delay: PositiveFloat = 60.0
    """Most seconds between two requests that a slow host leads to."""
    timeout: PositiveFloat = 30.0
    """Seconds a whole answer may take."""
    max_bytes: PositiveInt = 8 * 2**20
    """Largest answer that is read, before and after decompression."""
    max_depth: PositiveInt = 16
    """Most links and redirects away from a source's start page."""
    max_pages_per_host: PositiveInt = 100_000
    """Most pages of one host that the frontier takes in."""
    max_links: PositiveInt = 1000
    """Most links taken from one page; a sitemap may have its 50,000."""
    concurrency: PositiveInt = 32
    """Requests under way at the same time, all hosts together."""
    host_concurrency: PositiveInt = 1
    """Requests under way at the same time to one host."""
    lease_seconds: PositiveInt = 600
    """How long a claimed page belongs to the crawl that claimed it."""
    max_attempts: PositiveInt = 4
    """How often a page is tried before it counts as failed."""
    retry_delay: PositiveFloat = 10.0
    """Seconds before the first retry; each further one waits twice as long."""
    patience: NonNegativeFloat = 30.0
    """Seconds a crawl waits at its end for pages that are to be retried; later ones are left to the next crawl."""
    every: NonNegativeInt = 86_400
    """Seconds between two visits to a source that names no time of its own."""
    include: tuple[str, ...] = ()
    """Only page URLs that match one of these patterns are fetched (* and ? as in file names, over the path where a
    pattern begins with /, else over the whole URL); empty: all."""
    exclude: tuple[str, ...] = ()
    """Page URLs that match one of these patterns are left out."""
    warc: bool = False
    """Keep every request and answer as it came, under warc/, for `kinsong replay`."""
    keep_fetches: PositiveInt = 90
    """Days that the record of a single request (table fetch) is kept."""


def agent(config: Config) -> str:
    """The User-Agent header: product name, and the contact where there is one."""
    return f"{config.user_agent} (+{config.contact})" if config.contact else config.user_agent


def scrapy_settings(config: Config, opened: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Scrapy's settings for one crawl.

    Args:
        opened: hosts (host, or host:port where the port is not the scheme's own) that may be private addresses.
    """
    return _reach(opened) | _identity(config) | _limits(config) | _parts() | _quiet()


def _reach(opened: frozenset[str]) -> dict[str, Any]:
    return {
        OPENED: opened,
        # every name and every literal address passes this resolver; set in a spider it would silently be ignored
        "TWISTED_DNS_RESOLVER": "crawlers.guard.Guard",
        # http_proxy in the environment would hand the choice of address to somebody else
        "HTTPPROXY_ENABLED": False,
        # file:, data:, ftp: and s3: in a link would read what is ours
        "DOWNLOAD_HANDLERS": {
            "data": None, "file": None, "ftp": None, "s3": None,
            # a host's delay counts from when a request is sent, and none is sent twice by itself
            "http": "crawlers.sending.Sender", "https": "crawlers.sending.Sender",
        },
        # a certificate that does not fit the name is somebody else's answer
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        # both listen on a port and run what they are sent
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        # a cookie would carry one visit into the next
        "COOKIES_ENABLED": False,
        # the cache and JOBDIR pickle what the web sent
        "HTTPCACHE_ENABLED": False,
        "JOBDIR": None,
        # a Referer tells one host what was read on another
        "REFERER_ENABLED": False,
    }


def _identity(config: Config) -> dict[str, Any]:
    return {
        "BOT_NAME": config.user_agent,
        "USER_AGENT": agent(config),
        "DEFAULT_REQUEST_HEADERS": {
            "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,text/plain;q=0.8,*/*;q=0.1",
        },
        # robots rules are kept by crawlers.gate, as RFC 9309 says, which Scrapy's own middleware does not
        "ROBOTSTXT_OBEY": False,
    }


def _limits(config: Config) -> dict[str, Any]:
    return {
        "DOWNLOAD_TIMEOUT": config.timeout,
        "DOWNLOAD_MAXSIZE": config.max_bytes,
        "DOWNLOAD_WARNSIZE": 0,
        # half a page is not a page: it is tried again
        "DOWNLOAD_FAIL_ON_DATALOSS": True,
        "CONCURRENT_REQUESTS": config.concurrency,
        "CONCURRENT_REQUESTS_PER_DOMAIN": config.host_concurrency,
        # outcomes go past Scrapy's items: a hundred idle tasks per answer would only cost time
        "CONCURRENT_ITEMS": 1,
        "DOWNLOAD_DELAY": config.delay,
        # the delay is a promise, not an average
        "DOWNLOAD_DELAY_JITTER": 0,
        # crawlers.politeness does this per host, with each host's own floor
        "AUTOTHROTTLE_ENABLED": False,
        # every hop is a page of the frontier, where robots, guard, scope and depth are asked again
        "REDIRECT_ENABLED": False,
        "METAREFRESH_ENABLED": False,
        # a retry is a later visit: the frontier knows when, and survives being killed
        "RETRY_ENABLED": False,
        # an error is an outcome to be stored, not to be dropped
        "HTTPERROR_ALLOW_ALL": True,
        # a second crawl in one process asks the names anew: an address was checked for one crawl only
        "DNSCACHE_ENABLED": False,
        "DNS_TIMEOUT": min(config.timeout, 20.0),
        "REACTOR_THREADPOOL_MAXSIZE": 20,
    }


def _parts() -> dict[str, Any]:
    return {
        "SCHEDULER": "crawlers.scheduler.FrontierScheduler",
        "DOWNLOADER_MIDDLEWARES": {
            "crawlers.gate.Gate": 100,
            # nearer to the network than decompression: what is archived is what was sent
            "crawlers.archive.Recorder": 900,
            "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
            "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
            "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
        },
        "SPIDER_MIDDLEWARES": {
            "scrapy.spidermiddlewares.referer.RefererMiddleware": None,
            "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,
            "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
        },
        "EXTENSIONS": {
            "crawlers.politeness.Throttle": 0,
            "scrapy.extensions.corestats.CoreStats": None,
            "scrapy.extensions.logstats.LogStats": None,
            "scrapy.extensions.logcount.LogCount": None,
            "scrapy.extensions.memusage.MemoryUsage": None,
        },
    }


def _quiet() -> dict[str, Any]:
    return {
        # outcomes are rows; a line per page on the terminal is nobody's friend
        "LOG_INSTALL_ROOT_HANDLER": False,
        "LOG_LEVEL": "ERROR",
        "STATS_DUMP": False,
    }
