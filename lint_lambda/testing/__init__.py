"""Proofs in a team's own tests: the pytest fixture `lambda_sandbox`, in `lambda-lint[prove]`.

def test_signup_leaves_nothing(lambda_sandbox):
    run = lambda_sandbox("app.handler").invoke({"email": "a@example.com"})
    assert run.response["statusCode"] == 201
    run.assert_nothing_left()
"""
