using Harima.Access;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;

namespace Harima.Sequences;

/// <summary>Gives a person a right on a sequence; <see cref="Right.None"/> takes it back.</summary>
/// <param name="UserIdOrEmail">Of an account here.</param>
public sealed record ShareSequenceRequest(string ProposalId, string SequenceId, string UserIdOrEmail, Right Right);

/// <summary>Shares a sequence with a person, or with everyone. Only those who manage it may; closed ones can be shared too.</summary>
public sealed class ShareSequence(
    CatalogueWriter writer,
    SequenceAccess access,
    Grants grants,
    Users users,
    Audit audit
)
{
    /// <returns>The person it was shared with.</returns>
    /// <exception cref="FaultException">NotFound; Forbidden; Invalid where nobody has that id or e-mail.</exception>
    public async Task<User> HandleAsync(
        ShareSequenceRequest request,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var view = await access.RequireAsync(
            principal,
            request.ProposalId,
            request.SequenceId,
            Right.Manage,
            cancellationToken
        );
        var user =
            await users.FindByIdOrEmailAsync(request.UserIdOrEmail, cancellationToken)
            ?? throw Fault.Invalid(
                "no-such-user",
                $"Nobody has the user id or e-mail '{request.UserIdOrEmail}'. Ask them to log in once, then try again.",
                ("id", request.UserIdOrEmail)
            );
        await writer.WriteAsync(
            transaction =>
            {
                grants.Put(
                    transaction,
                    view.Sequence.Ref,
                    Principal.SubjectOf(user.Id),
                    Roles.Shared,
                    request.Right,
                    principal.Actor
                );
                audit.Add(
                    transaction,
                    principal,
                    request.Right == Right.None ? "access.removed" : "access.given",
                    view.Sequence.Ref,
                    new { user = user.Id, right = request.Right.ToString().ToLowerInvariant() }
                );
            },
            cancellationToken
        );
        return user;
    }

    /// <summary>Opens the sequence to everyone for reading, or limits it again to those with a right.</summary>
    /// <exception cref="FaultException">NotFound; Forbidden.</exception>
    public async Task SetVisibilityAsync(
        string proposalId,
        string sequenceId,
        Visibility visibility,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var view = await access.RequireAsync(principal, proposalId, sequenceId, Right.Manage, cancellationToken);
        await writer.WriteAsync(
            transaction =>
            {
                grants.Put(
                    transaction,
                    view.Sequence.Ref,
                    Principal.EveryoneSubject,
                    Roles.Shared,
                    visibility == Visibility.Everyone ? Right.Read : Right.None,
                    principal.Actor
                );
                audit.Add(
                    transaction,
                    principal,
                    "access.visibility",
                    view.Sequence.Ref,
                    new { visibility = visibility.ToString().ToLowerInvariant() }
                );
            },
            cancellationToken
        );
    }
}
