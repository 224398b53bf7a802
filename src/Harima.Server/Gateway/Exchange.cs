using Harima.Access;
using Harima.Identity;
using Harima.S3.Signing;

namespace Harima.Gateway;

/// <summary>What is learnt about a request while it is answered, for the access log.</summary>
sealed class Exchange
{
    public Principal Principal { get; set; } = Principal.Anonymous;
    public string? Operation { get; set; }
    public S3Route Route { get; set; }
    public string? ErrorCode { get; set; }
}

/// <summary>Makes the lines of the access log from requests of the S3 port.</summary>
sealed class ExchangeLog(AccessLog log, TimeProvider time)
{
    int _underWay;

    /// <summary>Requests whose entry is still to come: a client may have its whole answer a moment before that.</summary>
    internal int UnderWay => Volatile.Read(ref _underWay);

    public long Begin()
    {
        Interlocked.Increment(ref _underWay);
        return time.GetTimestamp();
    }

    public void End(HttpContext http, Exchange exchange, string requestId, long began)
    {
        Add(http, exchange, requestId, began);
        Interlocked.Decrement(ref _underWay);
    }

    void Add(HttpContext http, Exchange exchange, string requestId, long began)
    {
        if (!log.IsEnabled)
            return;
        var (request, response) = (http.Request, http.Response);
        log.Add(
            new AccessLogEntry
            {
                Time = time.GetUtcNow(),
                RequestId = requestId,
                RemoteIp = http.Connection.RemoteIpAddress?.ToString(),
                Requester = exchange.Principal.Actor,
                Via = exchange.Principal.Via,
                Door = "s3",
                Operation = exchange.Operation,
                Bucket = NullIfEmpty(exchange.Route.Bucket),
                Key = NullIfEmpty(exchange.Route.Key),
                Method = request.Method,
                Path = request.Path,
                Status = response.StatusCode,
                ErrorCode = exchange.ErrorCode,
                BytesSent = response.ContentLength,
                BytesReceived = request.ContentLength,
                DurationMs = (long)time.GetElapsedTime(began).TotalMilliseconds,
                CopySource = exchange.Operation is nameof(S3Action.CopyObject) or nameof(S3Action.UploadPartCopy)
                    ? SourceOf(request)
                    : null,
                Range = Header(request, "range"),
                UserAgent = Header(request, "user-agent"),
                Host = request.Host.Value,
            }
        );
    }

    static string? SourceOf(HttpRequest request)
    {
        var header = Header(request, "x-amz-copy-source") ?? "";
        var mark = header.IndexOf("?versionId=", StringComparison.Ordinal);
        try
        {
            return RequestTarget.Decode(mark < 0 ? header : header[..mark], plusIsBlank: false).TrimStart('/');
        }
        catch (S3.Errors.S3Exception)
        {
            // It was refused for that.
            return null;
        }
    }

    static string? Header(HttpRequest request, string name) => S3Request.LookUp(request.Headers, name);

    static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
