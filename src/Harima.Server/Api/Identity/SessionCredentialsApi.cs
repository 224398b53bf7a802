using Harima.Faults;
using Harima.Hosting;
using Harima.Identity;
using Harima.Rest;
using Harima.Sequences;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Harima.Api.Identity;

static class SessionCredentialsApi
{
    public static void MapSessionCredentials(this IEndpointRouteBuilder routes) =>
        routes
            .MapPost("/session-credentials", CreateAsync)
            .RequireLogin()
            .WithTags("Access keys")
            .WithName("createSessionCredentials")
            .WithSummary("Short-lived S3 credentials, limited to a bucket, a prefix and reading or writing");

    public static CredentialsDto ToDto(
        this AccessKeySecret made,
        Addresses addresses,
        HttpContext context,
        string? bucket,
        string prefix
    ) =>
        new(
            made.Key.Id,
            made.SecretKey,
            made.SessionToken!,
            made.Key.ExpiresAt!.Value,
            addresses.S3Of(context),
            addresses.Region,
            bucket,
            prefix
        );

    static async Task<Ok<CredentialsDto>> CreateAsync(
        SessionCredentialsRequest request,
        HttpContext context,
        AccessKeys keys,
        FilePlaces places,
        Addresses addresses,
        CancellationToken cancellationToken
    )
    {
        var principal = context.ToPrincipal();
        if (request.LifetimeSeconds is < 60)
            throw Fault.Invalid("session-lifetime", "Session credentials live for at least 60 seconds.");
        var bucket = request.Bucket is null
            ? null
            : (await places.GetBucketAsync(principal, request.Bucket, cancellationToken)).Bucket.Name;
        var made = await keys.CreateSessionAsync(
            principal,
            new CredentialLimit(bucket, request.Prefix, request.Write),
            request.LifetimeSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            cancellationToken
        );
        return TypedResults.Ok(made.ToDto(addresses, context, bucket, request.Prefix));
    }
}
