using Harima.Access;
using Harima.Identity;

namespace Harima.Api;

/// <summary>Makes the lines of the access log from downloads by REST.</summary>
sealed class DownloadLog(AccessLog log, TimeProvider time)
{
    public void AddFile(HttpContext context, Principal principal, string bucket, string key) =>
        Add(context, principal, "DownloadFile", bucket, key);

    /// <param name="sequences">Each as <c>proposal/sequence</c>.</param>
    public void AddArchive(HttpContext context, Principal principal, IEnumerable<string> sequences)
    {
        foreach (var sequence in sequences.Distinct(StringComparer.OrdinalIgnoreCase))
        {
            var slash = sequence.IndexOf('/', StringComparison.Ordinal);
            if (slash > 0)
                Add(context, principal, "DownloadArchive", sequence[..slash], sequence[(slash + 1)..] + "/");
        }
    }

    void Add(HttpContext context, Principal principal, string operation, string bucket, string key)
    {
        var (request, response) = (context.Request, context.Response);
        // Of an archive the length is that of all its sequences together.
        log.Add(
            new AccessLogEntry
            {
                Time = time.GetUtcNow(),
                RequestId = context.TraceIdentifier,
                RemoteIp = context.Connection.RemoteIpAddress?.ToString(),
                Requester = principal.Actor,
                Via = principal.Via,
                Door = "rest",
                Operation = operation,
                Bucket = bucket.ToLowerInvariant(),
                Key = key,
                Method = request.Method,
                Path = operation == "DownloadFile" ? request.Path.Value : "/download",
                Status = response.StatusCode,
                BytesSent = response.ContentLength,
                Range = request.Headers.Range.Count > 0 ? request.Headers.Range.ToString() : null,
                UserAgent = request.Headers.UserAgent.ToString(),
                Host = request.Host.Value,
            }
        );
    }
}
