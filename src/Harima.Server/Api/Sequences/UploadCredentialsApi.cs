using Harima.Access;
using Harima.Api.Identity;
using Harima.Faults;
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
        SequenceQueries queries,
        OpenSequence open,
        AccessKeys keys,
        Addresses addresses,
        CancellationToken cancellationToken
    )
    {
        var principal = context.ToPrincipal();
        var writable = await GetOrOpenAsync(principal, proposal, sequence, queries, open, cancellationToken);
        var (bucket, prefix) = (writable.ProposalId.ToLowerInvariant(), writable.Id + "/");
        var made = await keys.CreateSessionAsync(
            principal,
            new CredentialLimit(bucket, prefix, MayWrite: true),
            null,
            cancellationToken
        );
        return TypedResults.Ok(made.ToDto(addresses, context, bucket, prefix));
    }

    static async Task<Sequence> GetOrOpenAsync(
        Principal principal,
        string proposal,
        string sequence,
        SequenceQueries queries,
        OpenSequence open,
        CancellationToken cancellationToken
    )
    {
        SequenceView view;
        try
        {
            view = await queries.GetAsync(principal, proposal, sequence, cancellationToken);
        }
        catch (FaultException fault) when (fault.Code == FaultCode.NotFound)
        {
            // Not there, or hidden: to somebody it is hidden from, opening answers the same in both cases.
            return await OpenAsync(principal, proposal, sequence, queries, open, cancellationToken);
        }
        if (view.MyRight < Right.Write)
            throw Fault.Forbidden(
                "needs-write",
                $"You may read sequence '{view.Sequence.Id}' but not change it. Ask the experiment leader of {view.Proposal.Id}.",
                ("proposal", view.Proposal.Id),
                ("sequence", view.Sequence.Id)
            );
        return view.Sequence.State == SequenceState.Closed
            ? throw Fault.Closed(view.Sequence.ProposalId, view.Sequence.Id)
            : view.Sequence;
    }

    static async Task<Sequence> OpenAsync(
        Principal principal,
        string proposal,
        string sequence,
        SequenceQueries queries,
        OpenSequence open,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await open.HandleAsync(new OpenSequenceRequest(proposal, sequence), principal, cancellationToken);
        }
        catch (FaultException fault) when (fault.Reason == "sequence-exists")
        {
            // A second tab, or a client's retry, was faster: continue that one.
            return (await queries.GetAsync(principal, proposal, sequence, cancellationToken)).Sequence;
        }
    }
}
