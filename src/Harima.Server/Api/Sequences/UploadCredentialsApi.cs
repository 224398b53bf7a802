using Harima.Api.Identity;
using Harima.Hosting;
using Harima.Identity;
using Harima.Rest;
using Harima.Sequences;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Harima.Api.Sequences;

static class UploadCredentialsApi
{
    public static void MapUploadCredentials(this IEndpointRouteBuilder routes) =>
        routes
            .MapPost(SequencesApi.One + "/upload-credentials", CreateAsync)
            .RequireLogin()
            .WithTags("Files")
            .WithName("createUploadCredentials")
            .WithSummary(
                "S3 credentials that write this sequence and nothing else; opens the sequence if there is none yet"
            );

    static async Task<Ok<CredentialsDto>> CreateAsync(
        string proposal,
        string sequence,
        HttpContext context,
        OpenOrContinueSequence openOrContinue,
        AccessKeys keys,
        Addresses addresses,
        CancellationToken cancellationToken
    )
    {
        var principal = context.ToPrincipal();
        var writable = await openOrContinue.HandleAsync(
            new OpenSequenceRequest(proposal, sequence),
            principal,
            cancellationToken
        );
        var (bucket, prefix) = (writable.ProposalId.ToLowerInvariant(), writable.Id + "/");
        var made = await keys.CreateSessionAsync(
            principal,
            new CredentialLimit(bucket, prefix, MayWrite: true),
            null,
            cancellationToken
        );
        return TypedResults.Ok(made.ToDto(addresses, context, bucket, prefix));
    }
}
