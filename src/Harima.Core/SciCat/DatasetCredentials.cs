using Harima.Access;
using Harima.Faults;
using Harima.Identity;
using Harima.Sequences;

namespace Harima.SciCat;

/// <param name="Prefix">Of the keys of the dataset's files.</param>
public sealed record DatasetKey(AccessKeySecret Secret, string Bucket, string Prefix, bool MayWrite);

/// <summary>S3 credentials for one dataset, which live for a while and reach nothing else.</summary>
public sealed class DatasetCredentials(SequenceAccess access, AccessKeys keys)
{
    /// <exception cref="FaultException">Unauthenticated; NotFound where the dataset does not exist for the caller.</exception>
    public async Task<DatasetKey> HandleAsync(
        string pid,
        Principal principal,
        bool onlyRead,
        CancellationToken cancellationToken
    )
    {
        if (principal.IsAnonymous)
            throw Fault.LoginNeeded();
        var id = DatasetId.Parse(pid);
        var view = await access.GetAsync(principal, id.ProposalId, id.SequenceId, cancellationToken);
        var mayWrite = !onlyRead && view.MyRight >= Right.Write && view.Sequence.State == SequenceState.Open;
        var (bucket, prefix) = (view.Proposal.Id.ToLowerInvariant(), view.Sequence.Id + "/");
        var secret = await keys.CreateSessionAsync(
            principal,
            new CredentialLimit(bucket, prefix, mayWrite),
            null,
            cancellationToken
        );
        return new DatasetKey(secret, bucket, prefix, mayWrite);
    }
}
