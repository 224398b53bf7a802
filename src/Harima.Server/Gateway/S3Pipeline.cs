using System.Collections.Frozen;
using Harima.Faults;
using Harima.Gateway.Sts;
using Harima.S3.Errors;
using Harima.S3.Signing;
using Harima.S3.Xml;
using Microsoft.AspNetCore.Http.Features;

namespace Harima.Gateway;

/// <summary>Every request on the S3 port: who asks, what for, the operation, and refusals as S3's error document.</summary>
sealed partial class S3Pipeline(
    Authenticator authenticator,
    S3Hosts hosts,
    StsPipeline sts,
    ExchangeLog log,
    IEnumerable<IS3Operation> operations,
    Cors cors,
    TimeProvider time,
    ILogger<S3Pipeline> logger
)
{
    readonly FrozenDictionary<S3Action, IS3Operation> _operations = operations.ToFrozenDictionary(operation =>
        operation.Action
    );

    public async Task HandleAsync(HttpContext http)
    {
        var requestId = Guid.CreateVersion7(time.GetUtcNow()).ToString("N").ToUpperInvariant();
        http.Response.Headers["x-amz-request-id"] = requestId;
        var hostBucket = hosts.FindBucket(http.Request.Host.Host);
        if (hostBucket is null && http.Request.Path == "/healthz" && HttpMethods.IsGet(http.Request.Method))
        {
            await http.Response.WriteAsync("ok\n", http.RequestAborted);
            return;
        }
        // An object's size is the store's business, not the web server's.
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = null;
        // The web server answers an empty body without saying "continue" first; botocore then misreads the next answer on that connection.
        if (http.Request.Headers.Expect.Count > 0 && http.Request.ContentLength == 0)
            http.Response.Headers.Connection = "close";
        var (exchange, began) = (new Exchange(), log.Begin());
        try
        {
            if (hostBucket is null && StsPipeline.IsAskedFor(http.Request))
            {
                Cors.ApplyDefault(http);
                await sts.HandleAsync(http, exchange, requestId, http.RequestAborted);
            }
            else
            {
                await HandleAsync(http, exchange, hostBucket, requestId, http.RequestAborted);
            }
        }
        finally
        {
            log.End(http, exchange, requestId, began);
        }
    }

    async Task HandleAsync(
        HttpContext http,
        Exchange exchange,
        string? hostBucket,
        string requestId,
        CancellationToken cancellationToken
    )
    {
        var route = default(S3Route);
        try
        {
            if (HttpMethods.IsOptions(http.Request.Method))
            {
                await cors.AnswerPreflightAsync(http, hostBucket, cancellationToken);
                return;
            }
            await cors.ApplyAsync(http, hostBucket, cancellationToken);
            var target = RequestTarget.Parse(http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
            string? Header(string name) => S3Request.LookUp(http.Request.Headers, name);

            var caller = await authenticator.AuthenticateAsync(
                http.Request,
                target,
                Header,
                hostBucket,
                cancellationToken
            );
            exchange.Principal = caller.Principal;
            exchange.Route = route = S3Router.Route(http.Request.Method, target, Header, hostBucket);
            exchange.Operation = Enum.GetName(route.Action);
            var facts = PolicyFacts.Of(http, target, route, caller.Signature, time.GetUtcNow());
            var principal = caller.Principal with { Request = facts };
            var request = new S3Request(http, target, route, principal, caller.Signature) { Exchange = exchange };
            await _operations[route.Action].HandleAsync(request, cancellationToken);
        }
        catch (FaultException fault)
        {
            if (fault.Code == FaultCode.Damaged)
                LogFailed(logger, fault, http.Request.Method, route.Bucket, route.Key, requestId);
            var translated = FaultToS3Error.Translate(fault, route, exchange.Principal);
            if (!fault.IsOutOfReach)
                FaultToS3Error.Describe(http.Response, fault, route);
            await RefuseAsync(http, exchange, translated, requestId, cancellationToken);
        }
        catch (S3Exception refusal)
        {
            await RefuseAsync(http, exchange, refusal, requestId, cancellationToken);
        }
        catch (BadHttpRequestException broken)
        {
            var error = broken.StatusCode == 408 ? S3Errors.RequestTimeout : S3Errors.IncompleteBody;
            await RefuseAsync(http, exchange, error.With(broken.Message), requestId, cancellationToken);
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // The client has gone; nobody is left to answer.
            exchange.ErrorCode = "Aborted";
            http.Abort();
        }
        catch (Exception failure)
        {
            LogFailed(logger, failure, http.Request.Method, route.Bucket, route.Key, requestId);
            await RefuseAsync(http, exchange, S3Errors.InternalError.Exception(), requestId, cancellationToken);
        }
    }

    static async Task RefuseAsync(
        HttpContext http,
        Exchange exchange,
        S3Exception refusal,
        string requestId,
        CancellationToken cancellationToken
    )
    {
        exchange.ErrorCode = refusal.Code;
        if (http.Response.HasStarted)
        {
            // The client must not take half an object for a whole one.
            http.Abort();
            return;
        }
        var headers = http.Response.Headers;
        var kept = headers.Where(header => IsKeptOnRefusal(header.Key)).ToArray();
        headers.Clear();
        foreach (var (name, value) in kept)
            headers[name] = value;
        http.Response.StatusCode = refusal.Status;
        // The client may not send the body it announced, and begin its next request where that body would be.
        if (http.Request.Headers.Expect.Count > 0)
            headers.Connection = "close";
        if (refusal.Status == StatusCodes.Status503ServiceUnavailable)
            headers.RetryAfter = "1";
        if (refusal.Status == StatusCodes.Status304NotModified || HttpMethods.IsHead(http.Request.Method))
            return;
        var document = new ErrorDocument(refusal.Code, refusal.Message, http.Request.Path.Value ?? "/", requestId)
        {
            Details = refusal.Details,
        };
        try
        {
            await http.Response.WriteAsync(document, cancellationToken);
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            http.Abort();
        }
    }

    static bool IsKeptOnRefusal(string header) =>
        header.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase)
        || header.ToLowerInvariant()
            is "x-amz-request-id"
                or "x-amz-bucket-region"
                or "etag"
                or "last-modified"
                or "x-amz-delete-marker"
                or "x-amz-version-id"
                or "allow"
                or "content-range";

    [LoggerMessage(3001, LogLevel.Error, "{Method} {Bucket}/{Key} failed (request {RequestId})")]
    static partial void LogFailed(
        ILogger logger,
        Exception exception,
        string method,
        string bucket,
        string key,
        string requestId
    );
}
