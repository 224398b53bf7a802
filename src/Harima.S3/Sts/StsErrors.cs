using Harima.S3.Errors;

namespace Harima.S3.Sts;

/// <summary>The errors of the Security Token Service that S3 does not have.</summary>
/// <remarks>Source: AWS Security Token Service API reference, "Common Errors" and the errors of each action.</remarks>
public static class StsErrors
{
#pragma warning disable CS1591 // The code is the documentation: each member is named as its code.
    public static readonly S3Error AccessDenied = new(
        "AccessDenied",
        403,
        "You are not authorized to perform this action."
    );
    public static readonly S3Error ExpiredTokenException = new(
        "ExpiredTokenException",
        400,
        "The web identity token that was passed is expired. Get a new one from the identity provider."
    );
    public static readonly S3Error IDPCommunicationError = new(
        "IDPCommunicationError",
        400,
        "The identity provider could not be reached. Try again."
    );
    public static readonly S3Error InvalidAction = new("InvalidAction", 400, "The action is not offered here.");
    public static readonly S3Error InvalidIdentityToken = new(
        "InvalidIdentityToken",
        400,
        "The web identity token that was passed could not be validated."
    );
    public static readonly S3Error MalformedPolicyDocument = new(
        "MalformedPolicyDocument",
        400,
        "The policy document was malformed."
    );
    public static readonly S3Error MissingAuthenticationToken = new(
        "MissingAuthenticationToken",
        403,
        "The request must be signed with an access key."
    );
    public static readonly S3Error ValidationError = new(
        "ValidationError",
        400,
        "The input fails to satisfy the constraints."
    );
#pragma warning restore CS1591
}
