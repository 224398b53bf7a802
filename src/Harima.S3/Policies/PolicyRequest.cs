namespace Harima.S3.Policies;

/// <summary>What a bucket policy is asked about.</summary>
/// <param name="User">Who asks; null for somebody who is not logged in.</param>
/// <param name="Action">Such as <c>s3:GetObject</c>.</param>
/// <param name="Resource">Such as <c>arn:aws:s3:::bucket/key</c>.</param>
/// <param name="Values">The values of a condition key (lower case), empty where the request has none.</param>
public sealed record PolicyRequest(
    string? User,
    string Action,
    string Resource,
    Func<string, IReadOnlyList<string>> Values
);
