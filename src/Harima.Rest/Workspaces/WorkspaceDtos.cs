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
