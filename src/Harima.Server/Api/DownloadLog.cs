using Harima.Access;
using Harima.Identity;

namespace Harima.Api;

/// <summary>Makes the lines of the access log from downloads by REST.</summary>
sealed class DownloadLog(AccessLog log, TimeProvider time)
{
    public void AddFile(HttpContext context, Principal principal, string bucket, string key) =>
        Add(context, principal, "DownloadFile", bucket, key);

    /// <param name="names">Each as <c>proposal/sequence</c> or a workspace, with a folder of it where not all was asked for.</param>
    public void AddArchive(HttpContext context, Principal principal, IEnumerable<string> names)
    {
        foreach (var name in names.Distinct(StringComparer.OrdinalIgnoreCase))
        {
            var slash = name.IndexOf('/', StringComparison.Ordinal);
            if (slash > 0)
                Add(context, principal, "DownloadArchive", name[..slash], name[(slash + 1)..].TrimEnd('/') + "/");
            else
                Add(context, principal, "DownloadArchive", name, "");
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
