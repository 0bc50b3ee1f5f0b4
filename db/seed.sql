-- Two people and one activity to start with. Safe to run again: what is there already stays.

INSERT INTO public.users (display_name, email, handle, cognito_user_id)
VALUES
  ('Andrew Brown', 'andrew@cruddur.example', 'andrewbrown', 'MOCK-andrewbrown'),
  ('Andrew Bayko', 'bayko@cruddur.example', 'bayko', 'MOCK-bayko')
ON CONFLICT DO NOTHING;

INSERT INTO public.activities (user_uuid, message, expires_at)
SELECT uuid, 'This was imported as seed data!', current_timestamp + interval '10 days'
FROM public.users
WHERE handle = 'andrewbrown'
  AND NOT EXISTS (SELECT FROM public.activities WHERE message = 'This was imported as seed data!');
