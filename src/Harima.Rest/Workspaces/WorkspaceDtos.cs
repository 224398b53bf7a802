namespace Harima.Rest;

/// <param name="Id">Also the name of its bucket.</param>
/// <param name="MyRight">Only where one workspace is asked for, null in lists.</param>
public sealed record WorkspaceDto(
    string Id,
    string Title,
    string Owner,
    DateTimeOffset CreatedAt,
    AccessRight? MyRight,
    string S3Uri
);

/// <param name="Id">A bucket name: 3 to 63 lower-case letters, digits, '.' or '-'.</param>
public sealed record NewWorkspaceDto(string Id, string Title = "");

/// <param name="Subject">A person's user id, <c>everyone</c> (logged in or not) or <c>accounts</c> (everyone with an account).</param>
/// <param name="IsPerson">Whether <paramref name="Subject"/> is a user id.</param>
/// <param name="Name">Of the person; null for everyone and accounts.</param>
/// <param name="Role"><c>owner</c>, <c>shared</c>, or <c>policy</c>: by the bucket's policy, as far as that says.</param>
/// <param name="Removable">Whether it was given by sharing and can be taken back so; what a policy gave goes when the policy does.</param>
public sealed record WorkspaceAccessEntryDto(
    string Subject,
    bool IsPerson,
    string? Name,
    string? Email,
    AccessRight Right,
    string Role,
    string GrantedBy,
    DateTimeOffset GrantedAt,
    bool Removable
);
